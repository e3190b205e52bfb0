"""English sentences to Chinese ones: short sentences of Tatoeba, English in word pieces, Chinese sign by sign."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

from core_models.language import mark
from core_models.networks.decoding import Search
from pretrained.analysis.measures import bleu
from pretrained.data.side import Side, symbols_tokenizer, train_pieces
from pretrained.data.text.tatoeba import sentence_pairs, sentence_rows
from pretrained.kinds.translation import PairTask, remark_sentences
from pretrained.task import Example

FOLDER = Path(__file__).parent
ENGLISH, CHINESE = FOLDER / "english_chinese.en.json", FOLDER / "english_chinese.zh.json"
PIECES, SMALLEST_COUNT = 2500, 3
NAME = "tatoeba_en_zh"

FILES = {
    "tatoeba_en_zh/train.tsv.gz": "4c198755285d8183d93146031ad5a9aedfcf16a52f4db670b2e1335af1abe800",
    "tatoeba_en_zh/dev.tsv.gz": "9564734e5f3c59c566c6c5fdf7322d32cc60eabf020c682f85fb0629a796c1c2",
    "tatoeba_en_zh/test.tsv.gz": "f838e125c950185bd29f9425c0166eaa3a00e0ece80c87f1b0ab6f489909d5db",
}


def build(folder: Path) -> None:
    """Learn the English pieces and collect the Chinese signs seen often enough in the training sentences."""
    rows = sentence_rows(folder, NAME, "train")
    train_pieces((english for english, _ in rows), "en", PIECES).save(str(ENGLISH))
    counts = Counter(sign for _, chinese in rows for sign in chinese.lower() if not sign.isspace())
    signs = sorted(sign for sign, count in counts.items() if count >= SMALLEST_COUNT)
    symbols_tokenizer(signs, r"\S").save(str(CHINESE))


EXAMPLES = (
    Example(
        "Time first",
        "I met him at the station yesterday.",
        "Time and place move before the verb: long jumps.",
        "我昨天在车站遇到了他。",
    ),
    Example(
        "Question", "Where is the library?", "The question word stays where the answer would stand.", "图书馆在哪里？"
    ),
    Example(
        "Past",
        "She has already eaten.",
        "One sign, 了, carries what the verb's form says in English.",
        "她已经吃过了。",
    ),
    Example(
        "Measure word", "I bought three books.", "A sign between number and noun that English lacks.", "我买了三本书。"
    ),
    Example("Negation", "I do not know.", "Which of 不 and 没 is written, and from which words?", "我不知道。"),
)

DATA = {
    "name": "26,676 short sentence pairs of Tatoeba",
    "source": "https://tatoeba.org and https://www.manythings.org/anki",
    "copy": "github.com/DaoChaShao/py-st-dl-translater-2.0 at 620408eda1721f683e2413778ad19e4f94691053, data/cmn.txt, "
    "simplified with OpenCC",
    "licence": "CC BY 2.0 FR; credit: tatoeba.org and www.manythings.org/anki, per sentence in the data",
    "citation": "Tatoeba Project",
    "limits": "Short everyday sentences, English lower-cased. Few training pairs: it knows little, and makes "
    "confident mistakes.",
}
"""What the networks learn from."""

ENGLISH_CHINESE = PairTask(
    key="english-chinese",
    title=mark("English to Chinese"),
    data=DATA,
    question=mark("type an English sentence of a few words, or pick an example."),
    source=Side(ENGLISH),
    target=Side(CHINESE),
    pairs=lambda folder, split: sentence_pairs(folder, NAME, split),
    measure=partial(bleu, tokenize="zh"),
    examples=EXAMPLES,
    files=FILES,
    trained=46,
    pieces_per_word=1.85,  # one in a hundred of the English training sentences has more
    search=Search(width=5, penalty=1.0),
    remarks=remark_sentences,
    builds=(build,),
)
