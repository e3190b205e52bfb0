"""Any text is read as tokens with their place in it, or refused with a sentence that says what to do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pretrained.data.padding import padded
from pretrained.data.text.tokenizer import train
from pretrained.data.text.treebank import aim, read_tree
from pretrained.task import InputError
from pretrained.tasks.classes.sentiment import SENTIMENT

TASK = SENTIMENT


def labels(text: str) -> list[str]:
    return list(TASK.encode(text).tokens.labels)


def test_contractions_are_split_as_in_the_treebank_and_labels_are_as_typed():
    assert labels("I DON'T think it's bad, can't be!") == [
        "I", "DO", "N'T", "think", "it", "'s", "bad", ",", "ca", "n't", "be", "!",
    ]  # fmt: skip


def test_typed_text_and_treebank_text_get_the_same_ids():
    assert TASK.encode("it doesn't “wake” up").ids == TASK.encode("It does n't `` wake '' up").ids


@pytest.mark.parametrize(
    "text", ["Das wäre schön", "cafe\u0301 noir", "a\u200bb 👩‍👩‍👧 ok", "شكرا good", "a\x00b\tgood\n"]
)
def test_every_token_keeps_its_place_in_the_text(text):
    tokens = TASK.encode(text).tokens
    assert [text[start:end] for start, end in tokens.spans] == list(tokens.labels)
    assert all(first[1] <= second[0] for first, second in zip(tokens.spans, tokens.spans[1:], strict=False))


@settings(max_examples=200)
@given(text=st.text(max_size=300))
def test_no_text_whatever_breaks_the_reader(text):
    try:
        reading = TASK.encode(text)
    except InputError:
        return
    assert len(reading.ids) == len(reading.tokens) == len(reading.tokens.spans) == len(reading.tokens.known)
    assert all(0 <= start < end <= len(text) for start, end in reading.tokens.spans)


@pytest.mark.parametrize("text", ["", "   ", "\n\t ", "\u00a0"])
def test_an_empty_text_is_refused_with_what_to_do(text):
    with pytest.raises(InputError, match="type a sentence, or pick an example"):
        TASK.encode(text)


def test_a_word_the_model_never_saw_is_marked():
    tokens = TASK.encode("a flumptious film").tokens
    assert tokens.known == (True, False, True)


def test_a_text_beyond_the_limit_is_cut_with_a_notice():
    reading = TASK.encode("good " * 700)
    assert len(reading.ids) == TASK.limit
    assert "Only the first 256 of 700 tokens are read; shorten the text to see its end." in reading.notices


def test_a_pasted_megabyte_is_cut_with_a_notice():
    reading = TASK.encode("x" * 1_000_000)
    assert reading.notices == ("Only the first 4,000 characters are read; the rest was left out.",)


@pytest.mark.parametrize("example", TASK.examples, ids=lambda example: example.title)
def test_every_example_is_read_whole(example):
    reading = TASK.encode(example.text)
    assert not reading.notices
    unknown = {"A turn at the end": ["wakes"], "Unknown word": ["flumptious"]}
    labels = [label for label, known in zip(reading.tokens.labels, reading.tokens.known, strict=True) if not known]
    assert labels == unknown.get(example.title, [])


def test_a_tree_gives_every_phrase_with_its_label():
    assert read_tree("(3 (2 a) (4 (3 -LRB-) (4 joy)))") == [
        (2, "a"),
        (3, "("),
        (4, "joy"),
        (4, "( joy"),
        (3, "a ( joy"),
    ]


def test_targets_follow_the_label_and_neutral_phrases_aim_at_one_half():
    assert (aim(0), aim(1), aim(2), aim(3), aim(4)) == (0.02, 0.02, 0.5, 0.98, 0.98)


def test_padding_is_zeros_behind_the_sequence():
    rows, lengths = padded([[5], [6, 7]])
    assert rows.tolist() == [[5, 0], [6, 7]]
    assert lengths.tolist() == [1, 2]


def test_the_tokenizer_knows_words_seen_often_enough():
    tokenizer = train(["a good film", "a bad film"], smallest_count=2)
    assert set(tokenizer.get_vocab()) == {"[PAD]", "[UNK]", "a", "film"}
