"""Parts of speech of English words: Universal Dependencies, English Web Treebank 2.16."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from core_models.language import mark
from pretrained.data.text.spelling import beginning, ending, lower, shape, short_ending
from pretrained.kinds.labels import Column, Labelled, TagExample, TagTask

FILES = {
    "ud_ewt/train.tsv.gz": "aa6ab35f02f51cfcce2513ff1c802b8e2eb2a4324a93305bf9619d129f59f1cf",
    "ud_ewt/dev.tsv.gz": "77893e3df739495af8edeeda4c93a7a6fb77953b5e81053b1788c5c104f07728",
    "ud_ewt/test.tsv.gz": "5071266afb28fda0cfb15a0f1585bc7f4ce8a6431034b6a2504d462d54efd544",
}

PATTERN = re.compile(
    r"https?://\S+|\S+@\S+\.\w+|\d+(?:[.,:/]\d+)+|\w+?(?=n['’]t\b)|n['’]t\b|['’](?:s|re|ve|ll|d|m)\b|\w+|\.{2,}|[^\w\s]",
    re.IGNORECASE,
)
"""Addresses, numbers, contractions as the treebank parts them, words, single signs."""

NAMES = {
    "ADJ": "adjective", "ADP": "adposition", "ADV": "adverb", "AUX": "auxiliary", "CCONJ": "coordinating conjunction",
    "DET": "determiner", "INTJ": "interjection", "NOUN": "noun", "NUM": "numeral", "PART": "particle",
    "PRON": "pronoun", "PROPN": "proper noun", "PUNCT": "punctuation", "SCONJ": "subordinating conjunction",
    "SYM": "symbol", "VERB": "verb", "X": "other",
}  # fmt: skip


def split(text: str) -> list[tuple[int, int]]:
    """Start and end of every word."""
    return [match.span() for match in PATTERN.finditer(text)]


def items(folder: Path, part: str) -> list[Labelled]:
    """Sentences of a split."""
    found: list[Labelled] = []
    with gzip.open(folder / f"ud_ewt/{part}.tsv.gz", "rt", encoding="utf-8") as file:
        rows: list[list[str]] = []
        for line in [*file.read().split("\n"), ""]:
            if line and not line.startswith("# "):
                rows.append(line.split("\t"))
            elif rows:
                found.append(Labelled(tuple(row[0] for row in rows), tuple(row[1] for row in rows)))
                rows = []
    return found


EXAMPLES = (
    TagExample("One word, two parts of speech", "They can fish, but I can only open a can of fish.",
               "“can” and “fish” change their part of speech: only the words around tell which.",
               "PRON AUX VERB PUNCT CCONJ PRON AUX ADV VERB DET NOUN ADP NOUN PUNCT"),
    TagExample("Garden path", "The old man the boats.",
               "“man” is the verb here; most readers stumble, and so may the network.",
               "DET ADJ VERB DET NOUN PUNCT"),
    TagExample("Unknown words", "The glorpy zindle was flanging two blorps quietly.",
               "No word of its own is known, yet endings and neighbours give each away.",
               "DET ADJ NOUN AUX VERB NUM NOUN ADV PUNCT"),
    TagExample("To and that", "I know that that book belongs to a man who likes to read.",
               "“that” and “to” stand for two things each.",
               "PRON VERB SCONJ DET NOUN VERB ADP DET NOUN PRON VERB PART VERB PUNCT"),
    TagExample("Names", "May Rose may mark Mark's rose in May.",
               "Capitals help, and the place in the sentence must do the rest.",
               "PROPN PROPN AUX VERB PROPN PART NOUN ADP PROPN PUNCT"),
    TagExample("A message", "lol i dont know, maybe :) call me @ 5:30",
               "The treebank holds web text: missing apostrophes, signs, no capitals."),
)  # fmt: skip

DATA = {
    "name": "Universal Dependencies English Web Treebank 2.16: 12,544 sentences, 204,577 words",
    "source": "https://universaldependencies.org/treebanks/en_ewt",
    "copy": "github.com/UniversalDependencies/UD_English-EWT at 15d613d8447b3478787d4c278730a1e48a945efb",
    "licence": "annotation CC BY-SA 4.0; the web texts have many owners; no sentence is shipped",
    "citation": "Silveira et al. 2014, A Gold Standard Dependency Corpus for English, LREC",
    "limits": "English web text. Words are split by simple rules, not as carefully as in the treebank; other "
    "languages get labels all the same.",
}
"""What the networks learn from."""

PARTS_OF_SPEECH = TagTask(
    key="parts-of-speech",
    title=mark("Parts of speech"),
    data=DATA,
    ask=mark("Type an English sentence"),
    question=mark("type a sentence, or pick an example."),
    vocabulary_file=Path(__file__).parent / "parts_of_speech.vocabulary.json",
    columns=(
        Column("word", lower), Column("ending", ending), Column("short ending", short_ending),
        Column("beginning", beginning), Column("shape", shape),
    ),
    split=split,
    items=items,
    files=FILES,
    names=NAMES,
    examples=EXAMPLES,
    references={mark("most frequent tag of the word"): 0.881, "UDPipe 1.2 (UD 2.3)": 0.944},
    headline="accuracy",
    trained=100,
)  # fmt: skip
