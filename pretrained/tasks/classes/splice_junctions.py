"""DNA: does an exon end, or begin, in the middle of sixty letters?

Data: Primate splice-junction gene sequences (UCI Machine Learning Repository, DOI 10.24432/C5M888, CC BY 4.0), split so
that no gene, and no two sequences that are nearly alike, stand on both sides.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.language import mark, say
from core_models.trace import Tokens
from pretrained.data.text.tokenizer import UNKNOWN_ID
from pretrained.kinds.classes import ClassTask, Sample
from pretrained.looks_like import advice
from pretrained.task import Example, InputError
from pretrained.uploads.letters.fasta import odd_letter, only_sequence

FILES = {
    "dna_splice/train.tsv": "0a91623d871612f3c55bb029ac7cd9d2d107a5429ed60f3ed76089300cdfe6ac",
    "dna_splice/dev.tsv": "609965fbb79a04783d144311cd0ef8fa104bd3b570548ceea8d9f33d61fe970d",
    "dna_splice/test.tsv": "1d777555c825fbbf5052be2af32c3795dc18d798065064f98d354ec3e712524d",
}
LENGTH, JUNCTION = 60, 30
"""Letters that are read, and how many of them stand before the junction."""

BASES = "ACGT"
IDS = {base: index for index, base in enumerate(BASES, start=UNKNOWN_ID + 1)}
AMBIGUOUS = {
    "R": "A or G", "Y": "C or T", "S": "G or C", "W": "A or T", "K": "G or T", "M": "A or C",
    "B": "not A", "D": "not C", "H": "not G", "V": "not T", "N": "any base",
}  # fmt: skip
"""Letters for bases that are not known exactly (IUPAC); the network reads them all as unknown."""

LONGEST = 20_000
"""Letters of a sequence that is searched for junctions."""


def letters_of(text: str) -> str:
    """The letters of one sequence, typed or in FASTA; RNA's U is written T.

    Raises:
        InputError: if there is none, there are several, it is too long, or a letter stands for no base.
    """
    letters = only_sequence(text).replace("U", "T")
    if not letters:
        raise InputError(
            say("There is nothing to read yet: paste 60 letters of DNA or a FASTA entry, or pick an example.")
        )
    if odd := odd_letter(letters, (*IDS, *AMBIGUOUS), mark("base")):
        said = say(
            "This is no DNA: {odd} (without blanks). Allowed are A, C, G and T, U as in RNA, and {doubtful} where a "
            "base is not known for certain. Take out or replace what is not among them, or pick an example.",
            odd=odd, doubtful=", ".join(AMBIGUOUS),
        )  # fmt: skip
        raise InputError(f"{said} {advice(text, 'DNA')}".rstrip())
    if len(letters) > LONGEST:
        raise InputError(
            say(
                "This sequence has {n:,} letters; paste at most {most:,} around the place you care about.",
                n=len(letters),
                most=LONGEST,
            )
        )
    return letters


def window(letters: str, junction: int) -> str:
    """The sixty letters around a place, which has ``junction`` letters before it."""
    return letters[junction - JUNCTION : junction - JUNCTION + LENGTH]


def places(letters: str) -> range:
    """The places in a sequence that have thirty letters on each side, as numbers of letters before them."""
    return range(JUNCTION, len(letters) - (LENGTH - JUNCTION) + 1)


def convert(letters: str) -> NDArray[np.int64]:
    """Ids of letters, ``[step]``; whatever is not one of the four bases is unknown."""
    return np.array([IDS.get(letter, UNKNOWN_ID) for letter in letters], dtype=np.int64)


def encode(text: str, content: Any = None) -> Encoded:
    """Sixty letters, as the network will see them.

    Raises:
        InputError: if it is not one sequence of sixty letters.
    """
    letters = letters_of(text)
    if len(letters) != LENGTH:
        what = say("choose the place in it") if len(letters) > LENGTH else say("paste more of what stands around it")
        raise InputError(
            say(
                "This sequence has {n} letters; the network reads {length}, thirty on each side "
                "of the place in question: {what}.",
                n=len(letters),
                length=LENGTH,
                what=what,
            )
        )
    known = tuple(letter in IDS for letter in letters)
    notices = () if "U" not in only_sequence(text) else (say("U, as in RNA, is read as T."),)
    spans = tuple((at, at + 1) for at in range(LENGTH))
    ids = tuple(convert(letters).tolist())
    return Encoded(Tokens(tuple(letters), letters, spans, known, "letter", ids), notices)


def samples(folder: Path, part: str) -> list[Sample]:
    """Sequences of a split."""
    with (folder / f"dna_splice/{part}.tsv").open(encoding="utf-8") as file:
        return [Sample(row["sequence"], row["class"], row["name"]) for row in csv.DictReader(file, delimiter="\t")]


def vary(letters: str, draw: np.random.Generator) -> NDArray[np.int64]:
    """A sequence as training sees it: as it is."""
    return convert(letters)


EXAMPLES = (
    Example(
        "Exon ends", "TGGCGACTACGGCGCGGAGGCCCTGGAGAGGTGAGGACCCTCCTGTCCCTGCTCCAGTCC",
        "GT right behind the junction, as nearly always, and GAG after it (haemoglobin, GCRHBBA1).", "EI",
    ),
    Example(
        "Exon begins", "CACAAAAATTCTTCTTTCTCTTTCGTGCAGAGTGTAGATCCCAAAAATTACCCAAAGAAG",
        "AG right before the junction, and before it a run of C and T (interleukin 1 β, HUMIL1B).", "IE",
    ),
    Example(
        "No junction", "TTCCTAAGACCCCTTTCACTATTAAGAGAATTAAAAATTATAGCTGTTCCTCCTTCAGGA",
        "From within a gene (HUMMHDQA1).", "N",
    ),
    Example(
        "Four letters off", "CTCTGATCTCAAGGAAGAAAGAACAGAGCTGCAGGTGAGAAGTGTGCGCCTCAAATCACC",
        "CAGGTGAG, the sign of an exon's end, stands here, but not in the middle (HUMGHCSA).", "N",
    ),
    Example(
        "A letter not known", "AACTTCTCCAACGACATCATGCTACTGCAGGTNAGGCACACTCCTGCCACTCTTGCTCTT",
        "N at the third place behind the junction was never read off for certain (HUMCSPB).", "EI",
    ),
    Example(
        "Exon begins, found wrong", "GCATCACTAAGGGAGGGCTCTGTCCCCTAGGTATGGAATCTTGCGGCATCCACGAGACCA",
        "The exon happens to begin with GTATG, as introns do: the network is wrong here (HUMACTGA).", "IE",
    ),
    Example(
        "No junction, found wrong", "CAGAAAGACAAGTCTGGTATTTCCTTTCAGGACTCCCTTGAGTCATTAAAAAAAATCTTC",
        "It has the sign of an exon's beginning, but there is none: the network is wrong here (HUMALBGC).", "N",
    ),
)  # fmt: skip
"""Sequences of the test split, with what they were recorded as."""

DATA = {
    "name": "Primate splice-junction gene sequences, 1,929 for training; no gene, and no two sequences nearly alike, "
    "stand on both sides of the split",
    "source": "https://doi.org/10.24432/C5M888",
    "copy": "github.com/seacevedo/SpliceJunctionPrediction at 99f4988f2c02ef83a3417215bcd634efe018d8f1",
    "licence": "CC BY 4.0",
    "citation": "Noordewier, Towell & Shavlik 1991, NIPS 3; Towell, Noordewier & Shavlik 1992, UCI Machine Learning "
    "Repository",
    "limits": "Sixty letters, with the question always in their middle; genes of primates known in 1990. Published "
    "figures are on random splits with duplicates on both sides, so they are a little easier.",
}
"""What the networks learn from."""

SPLICE_JUNCTIONS = ClassTask(
    key="splice-junctions",
    title=mark("Splice junctions in DNA"),
    data=DATA,
    group="recognise",
    medium="letters",
    classes=("EI", "IE", "N"),
    names={"EI": mark("exon ends (donor)"), "IE": mark("exon begins (acceptor)"), "N": mark("no junction")},
    count=lambda: len(BASES) + 2,
    encoder=encode,
    samples=samples,
    convert=convert,
    vary=vary,
    files=FILES,
    examples=EXAMPLES,
    references={
        mark("always “no junction”"): 0.54,
        mark("short words (k-mers), no position"): 0.622,
        mark("attention that forgets the position"): 0.882,
        mark("one letter a place, logistic regression"): 0.941,
    },
    limit=LENGTH,
    trained=LENGTH,
    noun=mark("letter"),
    characters=2 * LONGEST,
    letters=f"{BASES}UN",
    doubtful="".join(AMBIGUOUS),
    spelt=lambda: ("", "", *BASES),
)
