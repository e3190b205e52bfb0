"""Where a file is opened: the model on screen keeps what it can read, else the first of the fitting kind."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pretrained.registry import task_of
from pretrained.task import InputError
from pretrained.uploads.letters.encoding import EncodingError
from pretrained.uploads.offer import models_of, offered
from pretrained.uploads.route import Takes, Upload, Way, fits, is_quick, ways_to_open
from pretrained.uploads.series.columns import columns_of
from pretrained.uploads.series.likeness import is_like, is_unlike
from pretrained.uploads.tables.table import Table
from tests.pretrained.uploads.test_files_table import REFUSED
from viz import inputs

TASKS: dict[str, Any] = {key: task_of(recipe) for key, recipe in inputs.offered(*inputs.READING).items()}
SENTENCES, CHARACTERS, TAGS, PROTEIN, DNA, SOUND, MONTHS = (
    "sst2-gru", "shakespeare-gru", "pos-bilstm", "protein-bilstm", "splice-bigru", "spoken-digits-gru", "co2-gru",
)  # fmt: skip
EVERY = (SENTENCES, CHARACTERS, TAGS, PROTEIN, DNA, SOUND, MONTHS)
TEXTUAL, FIRST = (SENTENCES, CHARACTERS, TAGS), next(iter(TASKS))
HOURLY, DAILY, DUST = "ett-gru", "seattle-gru", "beijing-attention"


def opened(name: str, content: bytes, current: str, encoding: str | None = None) -> Way:
    """The best way to open a file."""
    return ways_to_open(name, content, models_of(TASKS, current), encoding)[0]


def dated(count: int, step: str, **more: list) -> bytes:
    """A CSV of dates, numbers and whatever else."""
    dates = pd.date_range("2015-01-01", periods=count, freq=step).strftime("%Y-%m-%d %H:%M")
    return pd.DataFrame({"date": dates, "price": np.arange(count) * 1.5, **more}).to_csv(index=False).encode()


def npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.arange(300.0))
    return file.getvalue()


def parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"text": ["good", "bad film"], "n": [1, 2]}), file)
    return file.getvalue()


FILMS = b"text,stars\na good film.,5\na bad one!,1\n"
FASTA_DNA, FASTA_PROTEIN = b">gene\nACGTNNRYACGTACGT\n", b">protein\nMQIFVKTLTGK\n"
REPLIES = b"> hello, what is this?\nit is 5 o'clock.\n"
SPARSE = b">rich in doubtful letters\nKRKRKRHVAC\n"

OPENED: dict[str, tuple[str, bytes, dict[str, str]]] = {
    "WAV": ("a.wav", b"RIFF....WAVE", dict.fromkeys(EVERY, SOUND)),
    "FLAC named CSV": ("a.csv", b"fLaC....", dict.fromkeys(EVERY, SOUND)),
    "OGG": ("a.ogg", b"OggS....", dict.fromkeys(EVERY, SOUND)),
    "an array": ("a.npy", npy(), dict.fromkeys(EVERY, HOURLY) | {MONTHS: MONTHS}),
    "days": ("a.csv", dated(60, "D"), dict.fromkeys(EVERY, DAILY)),
    "days enough for months": ("a.csv", dated(1200, "D"), dict.fromkeys(EVERY, DAILY) | {MONTHS: MONTHS}),
    "hours": ("a.csv", dated(60, "h"), dict.fromkeys(EVERY, HOURLY)),
    "ten minutes": ("a.csv", dated(60, "10min"), dict.fromkeys(EVERY, HOURLY)),
    "months": ("a.csv", dated(60, "MS"), dict.fromkeys((*EVERY, HOURLY, DAILY), MONTHS)),
    "hours of fine dust": ("a.csv", dated(60, "h").replace(b"price", b"PM2.5 [ug/m3]"), dict.fromkeys(EVERY, DUST)),
    "years in columns": (
        "a.tsv", b"year\tmonth\tn\n" + b"".join(b"%d\t%d\t%d\n" % (1990 + n // 12, n % 12 + 1, n) for n in range(60)),
        dict.fromkeys(EVERY, MONTHS),
    ),
    "days with labels": (
        "a.csv", dated(60, "D", sky=["rain", "sun"] * 30), dict.fromkeys(EVERY, DAILY)
    ),
    "days with reviews": (
        "a.csv", dated(60, "D", said=[f"film no. {n}" for n in range(60)]),
        dict.fromkeys(EVERY, FIRST) | {key: key for key in TEXTUAL} | {MONTHS: DAILY},
    ),
    "days with a column named text": (
        "a.csv", dated(60, "D", text=["good.", "bad."] * 30),
        dict.fromkeys(EVERY, FIRST) | {key: key for key in TEXTUAL} | {MONTHS: DAILY},
    ),
    "texts and numbers": (
        "a.csv", FILMS, dict.fromkeys(EVERY, FIRST) | {key: key for key in TEXTUAL}
    ),
    "texts alone": (
        "a.jsonl", b'{"text": "a good film."}\n{"text": "a bad one!"}\n',
        dict.fromkeys(EVERY, FIRST) | {key: key for key in TEXTUAL},
    ),
    "Parquet": ("a", parquet(), dict.fromkeys((DNA, SOUND, MONTHS), FIRST) | {key: key for key in TEXTUAL}),
    "a table of DNA": (
        "a.csv", b"id,sequence\n1,ACGTACGT\n2,GGGACGTA\n",
        {SENTENCES: SENTENCES, DNA: DNA, PROTEIN: PROTEIN, SOUND: FIRST},
    ),
    "numbers without dates": ("a.csv", b"1,2\n3,4\n", dict.fromkeys(EVERY, HOURLY) | {MONTHS: MONTHS}),
    "numbers as plain text": (
        "a.txt", b"1.5\n2.5\n3.5\n", dict.fromkeys(EVERY, HOURLY) | {MONTHS: MONTHS, CHARACTERS: CHARACTERS}
    ),
    "one number": ("a.txt", b"2012\n", dict.fromkeys(EVERY, FIRST) | {key: key for key in TEXTUAL}),
    "one text": ("a.txt", b"a good film.\n", dict.fromkeys(EVERY, FIRST) | {key: key for key in TEXTUAL}),
    "words of letters that stand for amino acids": (
        "a.txt", b"a fine film\n", dict.fromkeys(EVERY, FIRST) | {key: key for key in TEXTUAL}
    ),
    "several texts": ("a.md", b"one.\ntwo.\n", dict.fromkeys(EVERY, FIRST) | {key: key for key in TEXTUAL}),
    "letters": ("a.txt", b"ACGTACGT\n", {SENTENCES: SENTENCES, DNA: DNA, PROTEIN: PROTEIN, SOUND: FIRST}),
    "FASTA of DNA": ("a.fa", FASTA_DNA, dict.fromkeys(EVERY, DNA) | {PROTEIN: PROTEIN}),
    "FASTA of RNA in small letters": ("a", b">x\nacguacgu\n", dict.fromkeys(EVERY, DNA) | {PROTEIN: PROTEIN}),
    "FASTA of a protein": ("a.fasta", FASTA_PROTEIN, dict.fromkeys(EVERY, PROTEIN)),
    "FASTA of a protein whose letters stand for bases too": ("a.fasta", SPARSE, dict.fromkeys(EVERY, PROTEIN)),
    "a reply in an e-mail": ("a.txt", REPLIES, dict.fromkeys(EVERY, FIRST) | {key: key for key in TEXTUAL}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "current", "model"),
    [pytest.param(name, content, current, model, id=f"{what}, {current}")
     for what, (name, content, models) in OPENED.items() for current, model in models.items()],
)  # fmt: skip
def test_a_file_is_opened_where_it_fits(name, content, current, model):
    assert opened(name, content, current).model == model


@pytest.mark.parametrize("key", TASKS)
def test_a_model_keeps_its_own_kind_of_file(key):
    name, content = {
        Takes.TEXT: ("a.txt", b"a good film.\n"),
        Takes.LETTERS: ("a.fa", FASTA_DNA),
        Takes.SERIES: ("a.npy", npy()),
        Takes.SOUND: ("a.wav", b"RIFF....WAVE"),
    }[offered(TASKS[key]).takes]
    assert opened(name, content, key).model == key


def test_what_is_opened_is_handed_on():
    way = opened("a.wav", b"RIFF....WAVE", SENTENCES)
    assert isinstance(way.content, Upload)
    assert way.content.content == b"RIFF....WAVE"
    assert way.what == "is WAV sound"
    way = opened("a.csv", FILMS, SENTENCES)
    assert isinstance(way.content, Table)
    assert way.content.frame["text"].tolist() == ["a good film.", "a bad one!"]
    way = opened("a.csv", dated(60, "D"), SENTENCES)
    assert isinstance(way.content, Upload)
    assert way.content.content.frame["price"].tolist()[:2] == ["0.0", "1.5"]
    assert way.what == "is a table with dates and numbers"


def test_a_model_of_characters_reads_a_whole_text_in_a_box_and_line_by_line_in_a_table():
    models, play = models_of(TASKS, CHARACTERS), b"ROMEO:\nO, speak again.\n"
    for whole, rows in ((True, ["ROMEO:\nO, speak again.\n"]), (False, ["ROMEO:", "O, speak again."])):
        way = ways_to_open("a.txt", play, models, whole=whole)[0]
        assert isinstance(way.content, Table)
        assert way.content.frame["text"].tolist() == rows


@pytest.mark.parametrize("current", EVERY)
@pytest.mark.parametrize("step", ["h", "D", "MS"])
def test_no_way_leads_to_a_model_of_another_step_or_kind(step, current):
    ways = ways_to_open("a.csv", dated(60, step), models_of(TASKS, current))
    offered_ = [offered(TASKS[way.model]) for way in ways]
    assert {model.takes for model in offered_} == {Takes.SERIES}
    assert len({model.seconds for model in offered_}) == 1


@pytest.mark.parametrize(
    ("column", "own"),
    [("tmax", False), ("Temperature (°C)", False), ("temp_max", False), ("price", True), ("template", True)],
)
def test_a_series_that_no_forecaster_learned_is_one_of_one_s_own(column, own):
    way = opened("a.csv", dated(60, "D").replace(b"price", column.encode()), SENTENCES)
    assert (way.model, way.own) == (DAILY, own)


def test_a_name_that_says_something_else_is_told():
    assert opened("a.csv", b"fLaC....", SENTENCES).notices[0].startswith("“a.csv” is named .csv, but it is FLAC")


@pytest.mark.parametrize(("letters", "reads"), [("ACGT", True), ("ACGTE", False), ("RYKM", False), ("", False)])
def test_letters_that_are_not_known_exactly_are_not_most_of_a_sequence(letters, reads):
    assert fits(offered(TASKS[DNA]), [letters]) == reads


NEVER = [
    pytest.param(*case, current, id=f"{what}-{current}")
    for at, (what, case) in enumerate(REFUSED.items())
    for current in (EVERY[at % len(EVERY)], EVERY[(at + 3) % len(EVERY)])
    if what != "sound"
]


@pytest.mark.parametrize(("name", "content", "sentence", "current"), NEVER)
def test_what_cannot_be_read_is_refused_whatever_model_is_on_the_screen(name, content, sentence, current):
    with pytest.raises(InputError) as refused:
        opened(name, content, current)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("current", EVERY)
def test_letters_of_nothing_are_refused_in_a_file_named_fasta(current):
    with pytest.raises(
        InputError, match=r"“a\.fa”, sequence 1: “-” at position \d+ is a gap, as alignments have them: leave it out"
    ):
        opened("a.fa", b">x\nAC-GT\n", current)
    with pytest.raises(InputError, match="holds no letters of DNA or of a protein"):
        opened("a.fa", b">x\n", current)


@pytest.mark.parametrize("current", EVERY)
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.fa"])
def test_another_encoding_is_offered_and_taken_whatever_model_is_on_the_screen(name, current):
    content = {"a.fa": ">crème\nACGT\n"}.get(name, "text\ncrème brûlée, très bien\n").encode("cp1252")
    with pytest.raises(EncodingError) as refused:
        opened(name, content, current)
    way = opened(name, content, current, refused.value.detected)
    assert isinstance(way.content, Table)
    assert any("crème" in str(cell) for cell in way.content.frame.to_numpy().ravel())


def test_what_may_take_long_is_not_read_in_the_page():
    assert is_quick(b"RIFF....WAVE" + bytes(100_000))
    assert is_quick(FILMS)
    assert not is_quick(parquet())
    assert not is_quick(npy())
    assert not is_quick(b"1" * 131_000)


def particles(name: str, values: np.ndarray) -> bytes:
    """A CSV of hours."""
    times = pd.date_range("2021-01-01", periods=len(values), freq="h").strftime("%Y-%m-%d %H:%M")
    return pd.DataFrame({"time": times, name: values.round(1)}).to_csv(index=False).encode()


def dust() -> np.ndarray:
    """Hours of fine particles as the shipped examples have them, without their gaps."""
    return TASKS[DUST].excerpt["pm2.5"].interpolate().to_numpy()[:300]


DRAW = np.random.default_rng(1)
HOURS = np.arange(300)
WARMTH = 18 + 6 * np.sin(HOURS * 2 * np.pi / 24) + np.cumsum(DRAW.normal(0, 0.2, 300))


def test_a_series_is_opened_with_the_model_that_learned_such_values_whatever_it_is_called():
    way = opened("a.csv", particles("reading", dust()), SENTENCES)
    assert (way.model, way.own) == (DUST, False)
    assert "“reading” is not named so, but its values could be PM2.5, which the model learned" in way.notices[0]
    assert "half of them lie between" in way.notices[0]


@pytest.mark.parametrize("values", [WARMTH, WARMTH - 20, dust() / 40, dust() * 50], ids=["warm", "cold", "mg", "ng"])
def test_a_series_that_is_named_as_what_a_model_learned_and_has_other_values_is_the_person_s_own(values):
    way = opened("a.csv", particles("PM2.5", values), SENTENCES)
    assert way.own
    assert "“PM2.5” is named as PM2.5, but its values are not like those that the model learned" in way.notices[0]


def test_a_series_that_is_named_so_and_has_such_values_is_opened_without_a_word():
    way = opened("a.csv", particles("PM2.5 [ug/m3]", dust()), SENTENCES)
    assert (way.model, way.own, way.notices) == (DUST, False, ())


@pytest.mark.parametrize("values", [HOURS % 7 + 1000.0, np.cumsum(DRAW.normal(size=300)) - 500, 0.001 * dust()])
def test_a_series_that_is_neither_named_so_nor_like_it_is_the_person_s_own(values):
    way = opened("a.csv", particles("reading", values), SENTENCES)
    assert way.own
    assert way.notices == ()


@pytest.mark.parametrize("key", [HOURLY, DAILY, DUST, MONTHS])
def test_the_data_that_a_model_learned_are_like_themselves(key):
    learned = offered(TASKS[key]).series
    assert learned is not None
    assert is_like(learned.likeness, learned.likeness)
    assert not is_unlike(learned.likeness, learned.likeness, 0.0)


def test_the_column_that_is_named_as_what_a_model_learned_is_read_first():
    table = pd.read_csv(io.BytesIO(particles("temp", WARMTH))).assign(**{"PM2.5 [ug/m3]": dust()})
    found = columns_of("a", table, TASKS[DUST].channels[0].names)
    assert found.numbers[0] == "PM2.5 [ug/m3]"
