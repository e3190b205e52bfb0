"""English sentences to French ones: short everyday sentences of Tatoeba, lower-cased, in word pieces."""

from __future__ import annotations

from pathlib import Path

from core_models.language import mark
from core_models.networks.decoding import Search
from pretrained.analysis.measures import bleu
from pretrained.data.side import Side, train_pieces
from pretrained.data.text.tatoeba import sentence_pairs, sentence_rows
from pretrained.kinds.translation import PairTask, remark_sentences
from pretrained.task import Example

FOLDER = Path(__file__).parent
ENGLISH, FRENCH = FOLDER / "english_french.en.json", FOLDER / "english_french.fr.json"
PIECES = {"en": 3000, "fr": 3500}
NAME = "tatoeba_en_fr"

FILES = {
    "tatoeba_en_fr/train.tsv.gz": "9402b94441d3e95f7849f8b3f62812c0f45786aeb88176e2358b1b6d533c05bd",
    "tatoeba_en_fr/dev.tsv.gz": "c8bb86949296ed02e47f91d5a13a9d6f7e6ecc1fdedcc28a80e95898646cbae7",
    "tatoeba_en_fr/test.tsv.gz": "a378a1485ee1731703916c52452943765544661041058b15ebb925d97f098817",
}


def build(folder: Path) -> None:
    """Learn the word pieces of both sides from the training sentences."""
    rows = sentence_rows(folder, NAME, "train")
    for column, (language, path) in enumerate({"en": ENGLISH, "fr": FRENCH}.items()):
        train_pieces((row[column] for row in rows), language, PIECES[language]).save(str(path))


EXAMPLES = (
    Example(
        "Plain",
        "The cat is sleeping on the bed.",
        "Nearly word for word: attention runs along the diagonal.",
        "Le chat dort sur le lit.",
    ),
    Example(
        "Adjective and noun",
        "She bought a red car.",
        "French puts the colour behind the noun: the lines cross.",
        "Elle a acheté une voiture rouge.",
    ),
    Example(
        "One word, two",
        "I do not understand.",
        "“not” becomes two words around the verb: ne … pas.",
        "Je ne comprends pas.",
    ),
    Example(
        "Contraction",
        "I don't know what you're talking about.",
        "n't is read as a piece of its own.",
        "Je ne sais pas de quoi tu parles.",
    ),
    Example(
        "Question",
        "Where did you buy this book?",
        "The order of a question; which words carry the past?",
        "Où as-tu acheté ce livre ?",
    ),
    Example(
        "Gender",
        "My sister is a good teacher.",
        "un bon or une bonne? Which word decides, and was it looked at?",
        "Ma sœur est une bonne professeure.",
    ),
    Example(
        "Two meanings", "He went to the bank.", "Look at the second candidate of each word.", "Il est allé à la banque."
    ),
    Example(
        "Unknown name",
        "Tom lives in Kathmandu.",
        "A word it never saw is cut into pieces: what is made of them?",
        "Tom habite à Katmandou.",
    ),
)

DATA = {
    "name": "134,874 short sentence pairs of Tatoeba, at most 10 English and 12 French words",
    "source": "https://tatoeba.org and https://www.manythings.org/anki",
    "copy": "github.com/modelexlab/data at adddaf33ac35572bcfeb421efec29435e7ea9332, fra-eng.zip",
    "licence": "CC BY 2.0 FR; credit: tatoeba.org and www.manythings.org/anki",
    "citation": "Tatoeba Project; Tiedemann 2020, The Tatoeba Translation Challenge, WMT",
    "limits": "Short everyday sentences, lower-cased. Many test sentences are near relatives of training sentences, "
    "so its BLEU is higher than on ordinary text; it makes confident mistakes.",
}
"""What the networks learn from."""

ENGLISH_FRENCH = PairTask(
    key="english-french",
    title=mark("English to French"),
    data=DATA,
    question=mark("type an English sentence of a few words, or pick an example."),
    source=Side(ENGLISH),
    target=Side(FRENCH),
    pairs=lambda folder, split: sentence_pairs(folder, NAME, split),
    measure=bleu,
    examples=EXAMPLES,
    files=FILES,
    trained=28,
    pieces_per_word=1.75,  # so many have 1 in 70 of the English dev sentences, and 6 in 7 of the French ones
    search=Search(width=5, penalty=1.0),
    remarks=remark_sentences,
    builds=(build,),
)
