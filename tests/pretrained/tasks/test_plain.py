"""One word, however it is written: what a person sees as the same is read as the same, and shown as it was typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pretrained.data.plain import APOSTROPHES, PARTED, POINTS, QUOTES, alike, plain, seen
from pretrained.kinds.labels import TagTask
from pretrained.kinds.next_token import CharacterTask
from pretrained.task import InputError
from pretrained.tasks import TASKS

BY_KEY = {task.key: task for task in TASKS}
WORDS = [BY_KEY[key] for key in ("sentiment", "parts-of-speech", "commands", "english-french", "english-chinese")]
"""Tasks that read English words."""

LIGATURES = {"ffi": "ﬃ", "ffl": "ﬄ", "ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ"}
SILENT = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202e\u2066\ufe0f\u034f\U000e0067"
ENGLISH = ("a fine film", "the café wasn't naïve", "it's offbeat, I don't like the final", "play some jazz by Beyoncé",
           "We'll go to the Reflex office, won't we?")  # fmt: skip


def ligated(text: str, draw: st.DrawFn) -> str:
    for letters, one in LIGATURES.items():
        text = text.replace(letters, draw(st.sampled_from([letters, one])))
    return text


def widened(text: str, draw: st.DrawFn) -> str:
    chosen = draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    return "".join(
        chr(ord(c) + 0xFEE0) if wide and "!" <= c <= "~" else c for c, wide in zip(text, chosen, strict=True)
    )


def parted(text: str, draw: st.DrawFn) -> str:
    return unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), text)


def filled(text: str, draw: st.DrawFn) -> str:
    signs = draw(st.lists(st.sampled_from(["", "", "", *SILENT]), min_size=len(text), max_size=len(text)))
    return "".join(c + sign for c, sign in zip(text, signs, strict=True))


def quoted(text: str, draw: st.DrawFn) -> str:
    return text.replace("'", draw(st.sampled_from([*APOSTROPHES, "＇"])))


WAYS = (quoted, ligated, widened, parted, filled)


@st.composite
def written_twice(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and the same as it may come from a PDF, a phone or a web page."""
    text = found = draw(st.sampled_from(ENGLISH))
    for way in draw(st.sets(st.sampled_from(WAYS), min_size=1)):
        found = way(found, draw) if way is not parted else found
    return text, parted(found, draw)


@settings(max_examples=60, deadline=None)
@given(written_twice())
@pytest.mark.parametrize("task", WORDS, ids=lambda task: task.key)
def test_a_text_is_read_the_same_in_all_clothes_and_shown_as_it_was_typed(task, pair):
    text, strange = pair
    found = task.encode(strange)
    assert found.ids == task.encode(text).ids
    assert found.tokens.text == strange


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("aé'’` \u0301\u00ad\u200bﬁＡ中👩\u200d.-\ufe0f\x01ʼ"), max_size=40))
@pytest.mark.parametrize("task", WORDS, ids=lambda task: task.key)
def test_every_label_stands_at_its_place_in_the_text_as_typed(task, text):
    try:
        tokens = task.encode(text).tokens
    except InputError:
        return
    ends = 0
    for label, (start, end) in zip(tokens.labels, tokens.spans, strict=True):
        assert ends <= start <= end <= len(text)
        assert text[start:end] == label or start == end or (label.startswith("U+") and seen(text[start:end]) == label)
        ends = end


@pytest.mark.parametrize("task", WORDS, ids=lambda task: task.key)
@pytest.mark.parametrize(("strange", "text"), [
    *((f"it was so{sign} good", f"it was so{points} good") for sign, points in POINTS.items()),
    *((f"a {sign}good{sign} film", 'a "good" film') for sign in QUOTES),
    *((f"it {sign}{end} good , I {sign}ve", f"it '{end} good , I 've") for sign in APOSTROPHES for end in PARTED),
])  # fmt: skip
def test_points_quotes_and_parted_endings_are_read_as_the_plain_ones_or_known_as_they_are(task, strange, text):
    found = task.encode(strange)
    assert found.tokens.text == strange
    assert found.ids == task.encode(text).ids or all(found.tokens.known)


@pytest.mark.parametrize("text", ["he said ‘do it’", "the ‘sixties’", "a ’t Hooft", "call it ‘x’"])
def test_a_quotation_mark_before_a_word_is_no_apostrophe(text):
    assert plain(text).text.count("'") == ("’t" in text)


def test_what_a_model_knows_as_it_is_stays():
    task = BY_KEY["chinese-dialogue"]
    assert isinstance(task, TagTask)
    labels = task.encode("你好，请问！").tokens.labels
    assert labels == ("你", "好", "，", "请", "问", "！")
    assert all(task.encode("，！").tokens.known)
    assert plain("，", frozenset("，")).text == "，"
    assert plain("，").text == ","


@pytest.mark.parametrize("sign", ["\ue000", "\ud800", "\u0378"])
def test_a_sign_that_cannot_be_seen_is_named_by_its_number(sign):
    labels = BY_KEY["sentiment"].encode(f"a {sign} film").tokens.labels
    assert labels == ("a", f"U+{ord(sign):04X}", "film")


@pytest.mark.parametrize("key", ["shakespeare", "c_code", "poems"])
def test_characters_are_read_one_by_one_as_what_they_look_like(key):
    task = BY_KEY[key]
    assert isinstance(task, CharacterTask)
    for sign in [*APOSTROPHES, "\u00a0", "Ａ", "\u2011"]:
        if alike(sign) in task.known and sign not in task.known:
            assert task.ids(sign) == task.ids(task.spelt.get(sign, alike(sign)))
    assert task.encode("a\u200bb").tokens.labels[2] == "U+200B"


@settings(max_examples=150)
@given(st.text(max_size=60))
def test_whatever_is_read_comes_from_somewhere(text):
    found = plain(text)
    assert plain(found.text).text == found.text or "`" in text
    if found.places:
        assert len(found.places) == len(found.text)
        assert all(0 <= start < end <= len(text) for start, end in found.places)
    assert text.isascii() or not any(sign in found.text for sign in "\u00ad\u200b\u200d\ufeff")


def test_letters_of_a_sequence_are_read_without_what_nobody_sees():
    assert BY_KEY["splice-junctions"].encode("ＡＣＧＴ\u200b" * 15).tokens.text == "ACGT" * 15
