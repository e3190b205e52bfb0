"""A class predicts together: one vote each, nobody named, nothing left; and a lesson goes along in a link."""

import sqlite3
import subprocess
import sys
import zlib
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ROOT
from viz import params
from viz.learn.lesson import Option, Prediction, Scale
from viz.learn.node import LessonError
from viz.learn.room import tally
from viz.learn.rooms import IDLE, MOST_ROOMS, MOST_VOTERS, RoomError, Rooms
from viz.learn.schema import read_lesson
from viz.learn.share import code_of, frame_of, pack, unpack
from viz.learn.shipped import FOLDER, lessons, source

LINK = {"lesson": "order"}


def test_fifty_voters_at_once_are_each_counted_once():
    rooms = Rooms()
    room = rooms.open(LINK)
    with ThreadPoolExecutor(50) as pool:
        votes = [(f"voter {number % 50}", number % 3) for number in range(500)]
        list(pool.map(lambda vote: rooms.vote(room.code, 1, *vote), votes))
    found = rooms.find(room.code)
    assert found
    assert len(found.here) == 50
    assert set(found.here.values()) <= {0, 1, 2}


def test_a_second_vote_does_not_count():
    rooms = Rooms()
    code = rooms.open(LINK).code
    rooms.vote(code, 1, "a", 0)
    rooms.vote(code, 1, "a", 2)
    assert rooms.find(code.lower()).here == {"a": 0}  # type: ignore[union-attr]  # it is open


def test_voting_ends_when_the_answer_is_revealed_or_the_step_is_left():
    rooms = Rooms()
    room = rooms.open(LINK)
    rooms.lead(room.code, room.chair, revealed=True)
    with pytest.raises(RoomError, match="is over"):
        rooms.vote(room.code, 1, "a", 0)
    rooms.lead(room.code, room.chair, number=2, revealed=False)
    with pytest.raises(RoomError, match="is over"):
        rooms.vote(room.code, 1, "a", 0)
    rooms.vote(room.code, 2, "a", 0)


def test_only_the_teacher_leads_and_closes_a_room_and_its_votes_go_with_it():
    rooms = Rooms()
    room = rooms.open(LINK)
    rooms.lead(room.code, "guessed", revealed=True)
    rooms.close(room.code, "guessed")
    assert rooms.find(room.code) == room
    rooms.close(room.code, room.chair)
    assert rooms.find(room.code) is None
    with pytest.raises(RoomError, match="closed"):
        rooms.vote(room.code, 1, "a", 0)


def test_rooms_and_votes_are_bounded_and_a_forgotten_room_makes_way():
    now = [0.0]
    rooms = Rooms(clock=lambda: now[0])
    opened = [rooms.open(LINK) for _ in range(MOST_ROOMS)]
    assert len({room.code for room in opened}) == MOST_ROOMS
    with pytest.raises(RoomError, match="try again later"):
        rooms.open(LINK)
    for number in range(MOST_VOTERS):
        rooms.vote(opened[0].code, 1, str(number), 0)
    with pytest.raises(RoomError, match="all that a room takes"):
        rooms.vote(opened[0].code, 1, "one more", 0)
    now[0] = IDLE / 2
    rooms.find(opened[0].code)
    now[0] = IDLE + 1.0
    rooms.open(LINK)
    assert rooms.find(opened[0].code)
    assert rooms.find(opened[1].code) is None


VOTER = """
import sys
from viz.learn.rooms import Rooms
rooms, code, name = Rooms(sys.argv[1]), sys.argv[2], sys.argv[3]
for number in range(100):
    rooms.vote(code, 1, f"{name} {number}", number % 3)
"""


def test_a_room_in_a_file_is_the_same_in_every_process_and_no_vote_is_lost(tmp_path: Path):
    path = str(tmp_path / "rooms.sqlite")
    here, there = Rooms(path), Rooms(path)
    room = here.open(LINK)
    command = [sys.executable, "-c", VOTER, path, room.code]
    voters = [subprocess.Popen([*command, name], cwd=ROOT) for name in "abc"]
    assert [voter.wait(timeout=60) for voter in voters] == [0, 0, 0]
    found = there.find(room.code)
    assert found
    assert (found.link, len(found.here)) == (LINK, 300)
    there.lead(room.code, room.chair, number=2, shown=True)
    assert here.find(room.code) == replace(room, number=2, shown=True)
    here.close(room.code, room.chair)
    assert there.find(room.code) is None


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path):
    with pytest.raises(RuntimeError, match=r"GATESCOPE_ROOMS: expected a file that can be written, got .*missing"):
        Rooms(str(tmp_path / "missing" / "rooms.sqlite"))
    (tmp_path / "text").write_text("no store " * 200, encoding="utf-8")
    with pytest.raises(RuntimeError, match="not a database"):
        Rooms(str(tmp_path / "text"))


def test_a_store_that_another_holds_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("viz.learn.rooms.WAIT", 0.01)
    path = str(tmp_path / "rooms.sqlite")
    rooms, other = Rooms(path), sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RoomError, match="try again"):
        rooms.open(LINK)
    other.execute("ROLLBACK")
    assert rooms.open(LINK)
    other.close()


def test_votes_are_counted_by_option_or_by_tenth_of_the_scale():
    options = tuple(Option({"en": name}, None, {}) for name in ("a", "b"))
    assert tally(Prediction({}, options, None, 0), [0, 1, 1], "en") == {"a": 1, "b": 2}
    found = tally(Prediction({}, (), Scale(0.0, 1.0, 0.1), (0.0, 1.0)), [0.0, 0.55, 1.0], "en")
    assert list(found.values()) == [1, 0, 0, 0, 0, 1, 0, 0, 0, 1]


def test_curves_are_counted_by_where_they_end():
    prediction = Prediction({}, (), Scale(0.0, 1.0, 0.1), (0.0, 1.0), {"of": "answer"})
    found = tally(prediction, [(0.9, 0.05), (0.1, 0.95)], "en", "film")
    assert [name for name, count in found.items() if count] == ["at “film” 0 – 0.1", "at “film” 0.9 – 1"]


@pytest.mark.parametrize("key", lessons())
def test_every_lesson_goes_along_in_a_link(key: str):
    assert unpack(pack(source(key))) == source(key)


@pytest.mark.parametrize("packed", [
    "", "!", "AAAA", pack("x")[:-3], "é", "A" * 100_000,
    urlsafe_b64encode(zlib.compress(b"#" * 10_000_000)).decode(), urlsafe_b64encode(zlib.compress(b"\xff")).decode(),
], ids=range(8))  # fmt: skip
def test_a_link_that_holds_no_lesson_is_answered_with_a_sentence(packed: str):
    with pytest.raises(LessonError, match="Copy it again"):
        unpack(packed)


def test_a_link_has_a_code_while_it_is_short_and_a_frame_that_cannot_be_broken_out_of():
    link = params.link_of("http://localhost:8501/learn?x=1", {"lesson": "order", "lang": "zh"})
    assert link == "http://localhost:8501/learn?lesson=order&lang=zh"
    image = code_of(link)
    assert image
    assert image.startswith(b"\x89PNG")
    assert code_of("x" * 5000) is None
    assert "<script" not in frame_of(link, '"><script>')


def test_the_lesson_to_begin_with_can_be_read():
    assert len(read_lesson((FOLDER / "begin.txt").read_text(encoding="utf-8"), "begin").steps) == 1
