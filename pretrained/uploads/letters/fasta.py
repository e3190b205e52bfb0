"""Sequences of letters in FASTA, FASTQ or GenBank, as biologists exchange them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import StringIO

from core_models.language import mark, say
from pretrained.data.plain import plain, seen
from pretrained.task import InputError

FASTQ = re.compile(r"\s*@[^\n]*\n[A-Za-z*.\s-]*\n\+")
"""How FASTQ begins: a name, letters, and the line between them and their qualities."""

NUMBER = re.compile(r"^\s*\d+(?=\s)|(?<=\s)\d+\s*$")
"""Number of a letter at the beginning of a line, as GenBank has it, or at its end, as EMBL."""

TABLE = re.compile(r"^(?:ORIGIN|SQ )[^\n]*\n(.*?)(?:^//|\Z)", re.MULTILINE | re.DOTALL)
LOCUS = re.compile(r"^(?:LOCUS|ID) +([^\s;]+)", re.MULTILINE)
"""The letters, and the name, of an entry of GenBank or EMBL."""

SIGNS = {"-": mark("is a gap, as alignments have them"), ".": mark("is a gap, as alignments have them"),
         "*": mark("is a stop, at which a protein ends")}  # fmt: skip
"""What signs between letters mean."""


def read_fasta(text: str) -> list[tuple[str, str]]:
    """Name and letters of every sequence of a text, as they were typed but without blanks; one without name may lead.

    Lines that begin with ";" are comments, and numbers beside letters count them. Of FASTQ the letters are read and
    not their qualities; of entries of GenBank and EMBL what stands behind ORIGIN or SQ. A text without any header is
    one sequence.

    Raises:
        InputError: if it is FASTQ that breaks off or is none after all.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if FASTQ.match(text):
        return _read_fastq(text)
    if TABLE.search(text) and LOCUS.search(text):
        return list(zip(LOCUS.findall(text), map(_letters, TABLE.findall(text)), strict=False))
    from Bio.SeqIO.FastaIO import SimpleFastaParser  # slow to import, seldom needed

    lines = [line for line in text.strip().splitlines() if not line.startswith(";")]
    if lines and not lines[0].startswith(">"):
        lines.insert(0, ">")
    lines = [line if line.startswith(">") else NUMBER.sub("", line) for line in lines]
    found = SimpleFastaParser(StringIO("\n".join(lines)))
    return [(name, re.sub(r"\s", "", letters)) for name, letters in found]


def _read_fastq(text: str) -> list[tuple[str, str]]:
    from Bio.SeqIO.QualityIO import FastqGeneralIterator  # slow to import, seldom needed

    try:
        return [(name, letters) for name, letters, _ in FastqGeneralIterator(StringIO(text.lstrip()))]
    except ValueError as error:
        raise InputError(
            say(
                "This begins as FASTQ does, but it breaks off or holds something else: give "
                "every read four lines (@name, letters, +, and as many qualities), or paste the "
                "letters alone."
            )
        ) from error


def _letters(lines: str) -> str:
    return "".join(re.sub(r"\s", "", NUMBER.sub("", line)) for line in lines.splitlines())


def only_sequence(text: str) -> str:
    """The letters of a text that holds one sequence, in capitals; "" if it holds none.

    Raises:
        InputError: if it holds several.
    """
    found = read_fasta(text)
    if len(found) > 1:
        raise InputError(say("This is more than one sequence: paste one of them, with or without its FASTA header."))
    return plain(found[0][1]).text.upper() if found else ""


def odd_letter(letters: str, known: Iterable[str], kind: str) -> str:
    """The first letter that is none of the ``known``, its place, and what it is, such as no ``kind``; "" if none is."""
    allowed = set(known)
    for at, letter in enumerate(letters, start=1):
        if letter not in allowed:
            what = say(SIGNS[letter]) if letter in SIGNS else say("stands for no {kind}", kind=say(kind))
            return say("“{letter}” at position {at:,} {what}", letter=seen(letter), at=at, what=what)
    return ""
