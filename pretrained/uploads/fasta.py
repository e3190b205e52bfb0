"""Sequences of letters in FASTA, as biologists exchange them."""

from __future__ import annotations

import re
from io import StringIO

from pretrained.data.plain import plain
from pretrained.task import InputError


def read_fasta(text: str) -> list[tuple[str, str]]:
    """Name and letters of every sequence of a text, as they were typed but without blanks; one without name may lead.

    Lines that begin with ";" are comments. A text without any header is one sequence.
    """
    from Bio.SeqIO.FastaIO import SimpleFastaParser  # slow to import, seldom needed

    lines = [line for line in text.strip().splitlines() if not line.startswith(";")]
    if lines and not lines[0].startswith(">"):
        lines.insert(0, ">")
    found = SimpleFastaParser(StringIO("\n".join(lines)))
    return [(name, re.sub(r"\s", "", letters)) for name, letters in found]


def only_sequence(text: str) -> str:
    """The letters of a text that holds one sequence, in capitals; "" if it holds none.

    Raises:
        InputError: if it holds several.
    """
    found = read_fasta(text)
    if len(found) > 1:
        raise InputError("This is more than one sequence: paste one of them, with or without its FASTA header.")
    return plain(found[0][1]).text.upper() if found else ""
