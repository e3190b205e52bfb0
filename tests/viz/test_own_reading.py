"""What a network of one's own reads: tables of numbers, and words with the lines they stand in."""

import numpy as np
import pytest

from pretrained.task import InputError
from tests.pages.given.test_own_model import ROWS, WORDS
from viz.own_model.reading import Numbers, Words, read_array, read_numbers, read_words


@pytest.mark.parametrize("text", ["1,2\n3,4", "1;2\n3;4", "1\t2\n3\t4", "1 2\n3 4\n", "a,b\n1,2\n\n3,4"])
def test_tables_are_read_however_their_columns_are_parted(text):
    assert read_numbers(text).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "no numbers yet"), ("1,2\n3,x", "Line 2: “x” is no number"), ("1e99", "Step 1 holds a number"),
     ("nan", "not finite"), ("1_0", "no numbers yet")],
)  # fmt: skip
def test_what_is_no_table_is_answered_with_its_line(text, words):
    with pytest.raises(InputError, match=words):
        read_numbers(text)


def test_numbers_survive_the_way_through_the_box(tmp_path):
    np.save(tmp_path / "x.npy", ROWS[None])
    reads = Numbers(3)
    text = reads.text_of("x.npy", (tmp_path / "x.npy").read_bytes())
    assert np.array_equal(np.asarray(reads.encode(text).values), ROWS)
    for content, words in ((b"\x93NUMPY\x01\x00", "cannot be read"), (b"\xff\xfe", "neither an NPY")):
        with pytest.raises(InputError, match=words):
            read_array("x.npy", content)
    assert len(Numbers(1).table(np.zeros(5, dtype=np.float32))) == 5
    assert np.asarray(Numbers(1).encode("1,2,3").values).shape == (3, 1)


def test_words_have_the_numbers_of_their_lines():
    words = read_words("v.txt", b"one\r\ntwo\tx\n\nthree\n")
    assert words == ("one", "two", "", "three")
    found = Words(words).encode("One two four")
    assert found.ids == (0, 1, 4)
    assert "read as a vector of zeros" in found.notices[0]
    assert Words(tuple("ab <")).encode("ab").tokens.noun == "character"


def test_a_vocabulary_has_a_text_to_begin_with():
    assert Words(WORDS).sample() == "good bad film"
    assert Words(tuple("ab c")).sample() == "abc"
    assert Words(("<pad>",)).sample() == "<pad>"
