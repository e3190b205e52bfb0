"""Whatever a text, a file or an address holds, a person gets a picture or a sentence.

A few hundred examples run with all other tests. ``GATESCOPE_NIGHTLY=1`` runs 10,000 texts, 3,000 files and 1,000
addresses, other ones each time; hypothesis shrinks what fails to its smallest form.
"""

from __future__ import annotations

from functools import cache

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pretrained.evidence import doubt
from pretrained.registry import every_recipe, load, task_of
from pretrained.task import InputError
from tests.conftest import NIGHTLY
from tests.pages.test_params import PAGES, params_of_all_modules
from tests.pretrained.uploads.test_files_damaged import WHOLE, read_all
from tests.support.pages import open_page
from viz.batch.answers import read_all as read_many

READING = {task_of(recipe).key: key for key, recipe in every_recipe().items() if task_of(recipe).characters}
"""A model of every task that reads what is typed."""

MANY = [key for key in READING.values() if task_of(every_recipe()[key]).group != "translate"]
"""Of these, the ones that the Batch page offers."""


UNASKED = (
    HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture,
)  # fmt: skip
"""Health checks that would fail on large examples, rare ones, and pages that several examples share."""


def examples(few: int, many: int) -> settings:
    """So many examples: the same ones each time, or other ones at night."""
    return settings(
        max_examples=many if NIGHTLY else few, print_blob=True, suppress_health_check=UNASKED,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
    )  # fmt: skip


ANY = st.characters(exclude_categories=())
"""Every sign that Python knows, halves of characters included."""

ODD = (
    "\ud800", "\udfff", "\0", "\x1e", "\x1f", "\u200d", "\u202e", "\ufeff", "\u0301", "İ", "ﬁ", "𝔸", "👩\u200d👧", "中",
    "\r\n", "\t", "'", "’", ">", "<b>", "$x$", "%{y}", "=1+1", "²", "٣", "0" * 50, "1e999", "-", "N" * 60,
)  # fmt: skip
WORDS = (
    "a fine film", "copy 12", "reverse 000", "ACGT" * 15, ">x\nACGT\n", "MQIFVK", "3 May 2001", "2024-02-03", "hello",
    "LOCUS x\nORIGIN\n1 acgt\n//", "@r\nACGT\n+\nIIII", "weather in Graz", "什么菜", "int main() {", "it isn`t",
)  # fmt: skip
TEXTS = st.one_of(
    st.text(ANY, max_size=120),
    st.lists(st.one_of(st.sampled_from(WORDS), st.sampled_from(ODD), st.text(ANY, max_size=8)), max_size=12).map(
        "".join
    ),
)


@examples(150, 10_000)
@given(st.sampled_from(sorted(READING.values())), TEXTS)
def test_a_text_is_read_or_refused_in_a_sentence(key, text):
    model = cached(key)
    try:
        encoded = model.encode(text)
    except InputError as error:
        assert_sentence(str(error))
        return
    sentence = doubt(model.task, encoded.tokens)
    assert not sentence or sentence.endswith(".")
    "".join([*encoded.tokens.labels, *encoded.notices, sentence]).encode()


@examples(6, 200)
@given(st.sampled_from(sorted(MANY)), st.lists(TEXTS, min_size=1, max_size=5))
def test_many_texts_at_once_are_read_or_refused_row_by_row(key, texts):
    found = read_many(cached(key), texts)
    assert all(len(column) == len(texts) for column in found.values())


@cache
def cached(key: str):
    """A model, loaded once."""
    return load(key)


def assert_sentence(said: str) -> None:
    assert said.strip()
    assert "\n" not in said
    assert len(said) < 1000
    said.encode()


PIECES = st.one_of(
    st.binary(max_size=8),
    st.sampled_from([b"\xff\xff\xff\xff", b"\0" * 8, b"9" * 30, b"((((", b'"', b"[[", b"\n", b",", b"\xed\xa0\x80",
                     b"-", b"e9", b"NaN"]),
)  # fmt: skip
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from(["put", "cut", "insert", "double", "end"]), st.integers(1, 60), PIECES),
    min_size=1, max_size=5,
)  # fmt: skip


def edited(content: bytes, edits: list[tuple[float, str, int, bytes]]) -> bytes:
    """A file with parts of it overwritten, left out, doubled or cut off."""
    found = bytearray(content)
    for place, how, count, piece in edits:
        at = int(place**2 * len(found))  # most often near its beginning
        match how:
            case "put":
                found[at : at + len(piece)] = piece
            case "cut":
                del found[at : at + count]
            case "insert":
                found[at:at] = piece
            case "double":
                found[at:at] = found[at : at + count]
            case _:
                del found[max(at, 1) :]
    return bytes(found)


NAMES = st.sampled_from(["", "a", "a.csv", "a.txt", "a.json", "a.npy", "a.wav", "a.parquet", "a.xlsx", "a.gz", ".csv"])


@examples(150, 3_000)
@given(st.sampled_from(sorted(WHOLE)), EDITS, st.one_of(st.none(), NAMES))
def test_a_damaged_file_is_read_or_refused_in_a_sentence(kind, edits, called):
    name, content = WHOLE[kind]
    try:
        read_all(name if called is None else called, edited(content, edits))
    except InputError as error:
        assert_sentence(str(error))


SIGNS = ("1", "2020-01-01", ",", ";", "\n", " ", "\t", '"', "a", "-", "1.234", "[", "{", "}", "]", ":", "null", "1e999",
         "#", "=", "9" * 40)  # fmt: skip
BYTES = st.one_of(
    st.text(ANY, max_size=300).map(lambda text: text.encode("utf-8", "replace")),
    st.binary(max_size=300),
    st.lists(st.sampled_from(SIGNS), max_size=80).map(lambda parts: "".join(parts).encode()),
)


@examples(80, 3_000)
@given(BYTES, NAMES)
def test_any_bytes_are_read_or_refused_in_a_sentence(content, name):
    try:
        read_all(name, content)
    except InputError as error:
        assert_sentence(str(error))


PUBLIC = sorted({str(param) for _, param in params_of_all_modules() if param.public})
OPTIONS = sorted({option for _, param in params_of_all_modules() for option in param.options})
STRANGE = ("rnn-0-forward.update_gate.3.0", "a3-u_a03-u", "upload-x@9", "long-text-" + "a" * 16, "sst2-gru,nope", "x@²",
           "0-3", "s0=good", "rnn.hidden_state.99999999.1", "…", "a.b.c.d", "1,2,3")  # fmt: skip
VALUES = st.one_of(
    TEXTS,
    st.sampled_from(sorted(every_recipe())),
    st.sampled_from(OPTIONS),
    st.integers(-2, 10**20).map(str),
    st.sampled_from(STRANGE),
)


@examples(12, 1_000)
@given(
    st.sampled_from([page.file for page in PAGES]),
    st.dictionaries(st.sampled_from(PUBLIC), VALUES, min_size=1, max_size=5),
    st.sampled_from(sorted(every_recipe())),
)
def test_any_address_is_answered_with_a_page(file, query, key):
    address = {name: value.encode("utf-8", "replace").decode() for name, value in ({"model": key} | query).items()}
    assert not open_page(file, **address).exception
