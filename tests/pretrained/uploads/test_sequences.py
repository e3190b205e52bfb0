"""Letters of DNA and proteins in the forms in which they are exchanged: written in any of them, read back the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pretrained.task import InputError
from pretrained.tasks.classes.splice_junctions import SPLICE_JUNCTIONS
from pretrained.tasks.labels.protein_structure import PROTEIN_STRUCTURE
from pretrained.uploads.letters.fasta import only_sequence, read_fasta
from pretrained.uploads.offer import models_of
from pretrained.uploads.recognise import Form, recognise
from pretrained.uploads.route import ways_to_open
from tests.pretrained.uploads.test_files_damaged import TASKS

Records = list[tuple[str, str]]


def rows(letters: str, width: int = 60) -> list[str]:
    return [letters[at : at + width] for at in range(0, len(letters), width)]


def blocks(row: str) -> str:
    return " ".join(row[at : at + 10] for at in range(0, len(row), 10))


def fasta(records: Records) -> str:
    return "".join(f">{name}\n; a remark\n" + "\n".join(rows(letters)) + "\n" for name, letters in records)


def fastq(records: Records) -> str:
    return "".join(f"@{name}\n{letters}\n+\n{'I' * len(letters)}\n" for name, letters in records)


def genbank(records: Records) -> str:
    return "".join(
        f"LOCUS       {name}  {len(letters)} bp DNA\nDEFINITION  none.\nORIGIN\n"
        + "".join(f"{at * 60 + 1:>9} {blocks(row)}\n" for at, row in enumerate(rows(letters)))
        + "//\n"
        for name, letters in records
    )


def embl(records: Records) -> str:
    return "".join(
        f"ID   {name}; SV 1; linear\nSQ   Sequence {len(letters)} BP;\n"
        + "".join(f"     {blocks(row):<66} {at * 60 + len(row)}\n" for at, row in enumerate(rows(letters)))
        + "//\n"
        for name, letters in records
    )


FORMS: dict[Form, tuple[Callable[[Records], str], ...]] = {
    Form.FASTA: (fasta,),
    Form.FASTQ: (fastq,),
    Form.GENBANK: (genbank, embl),
}
WRITERS = [(form, write) for form, several in FORMS.items() for write in several]
RECORDS = st.lists(st.text("acgtACGTN", min_size=1, max_size=150), min_size=1, max_size=4).map(
    lambda all_letters: [(f"name{at}", letters) for at, letters in enumerate(all_letters)]
)


@given(RECORDS, st.sampled_from(["\n", "\r\n"]))
@pytest.mark.parametrize(("form", "write"), WRITERS)
def test_sequences_are_read_back_as_they_were_written(form, write, records, end):
    written = write(records).replace("\n", end)
    assert read_fasta(written) == records
    assert recognise("file", written.encode()).form is form


@pytest.mark.parametrize(("form", "write"), WRITERS)
@pytest.mark.parametrize("current", ["splice-bigru", "sst2-gru", "shakespeare-lstm"])
def test_a_file_of_sequences_goes_to_the_model_that_reads_their_letters(form, write, current):
    letters = SPLICE_JUNCTIONS.examples[0].text
    written = write([("one", letters), ("two", letters.lower())])
    way = ways_to_open("reads", written.encode(), models_of(TASKS, current))[0]
    assert way.model == "splice-bigru"
    assert way.what.startswith(f"is {form} with")
    assert way.content.frame["sequence"].str.upper().tolist() == [letters, letters]  # type: ignore[union-attr]  # it is there


def test_numbered_lines_are_read_without_their_numbers():
    letters = SPLICE_JUNCTIONS.examples[0].text
    numbered = "".join(f"{at * 20 + 1:>9} {blocks(row).lower()}\n" for at, row in enumerate(rows(letters, 20)))
    assert only_sequence(numbered) == letters
    assert SPLICE_JUNCTIONS.encode(numbered).tokens.text == letters


def test_reads_that_break_off_are_refused_in_a_sentence():
    with pytest.raises(InputError, match="begins as FASTQ does, but it breaks off"):
        read_fasta(fastq([("one", "ACGT")])[:-3])


ODD = {
    "MKA-L": "“-” at position 4 is a gap",
    "MKA*L": "“*” at position 4 is a stop, at which a protein ends",
    "MK1L": "“1” at position 3 stands for no amino acid",
    "MK\ue000L": "“U+E000” at position 3",
}


@pytest.mark.parametrize("letters", ODD)
def test_gaps_and_stops_are_refused_with_their_place(letters):
    with pytest.raises(InputError) as refused:
        PROTEIN_STRUCTURE.encode(letters)
    assert ODD[letters] in str(refused.value)
    if "*" in letters:  # at the end of a sequence it may stand
        return
    file = f">one\nMKV\n>two\n{letters}\n".encode()
    with pytest.raises(InputError, match=r"sequence 2: .* at position \d") as refused:
        ways_to_open("a.fa", file, models_of(TASKS, "sst2-gru"))


def test_the_stop_at_the_end_of_a_translation_is_left_out():
    assert PROTEIN_STRUCTURE.encode("MKAL*").tokens.text == "MKAL"
    with pytest.raises(InputError, match="“-” at position 21 is a gap"):
        SPLICE_JUNCTIONS.encode("ACGT" * 5 + "-" + "ACGT" * 10)
