"""Runs of the script take turns: in order, one at a time, and none waits long for a long one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest

from viz.serving import turns
from viz.serving.turns import Turns

WAIT = 20.0
"""Seconds after which a test that hangs fails."""


def test_runs_that_come_together_are_computed_one_at_a_time_in_the_order_they_came(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(turns, "MOMENT", WAIT)
    line, order, inside, first = Turns(), list[int](), Lock(), Event()

    def run(number: int) -> bool:
        with line.turn():
            alone = inside.acquire(blocking=False)
            order.append(number)
            if number == 0:
                first.wait(WAIT)
            inside.release()
        return alone

    with ThreadPoolExecutor(5) as pool:
        runs = []
        for number in range(5):
            runs.append(pool.submit(run, number))
            while not order or len(line) < number:
                first.wait(0.001)
        first.set()
        assert all(each.result(WAIT) for each in runs)
    assert order == [0, 1, 2, 3, 4]


def test_nobody_waits_until_a_long_run_ends():
    line, ended = Turns(), Event()

    def long() -> bool:
        with line.turn():
            return ended.wait(WAIT)

    def short() -> None:
        with line.turn():
            pass

    with ThreadPoolExecutor(4) as pool:
        held = pool.submit(long)
        for each in [pool.submit(short) for _ in range(3)]:
            each.result(WAIT)
        ended.set()
        assert held.result(WAIT)


def test_a_run_that_fails_gives_its_turn_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(turns, "MOMENT", WAIT)
    line = Turns()
    with pytest.raises(ValueError, match="gone"), line.turn():
        raise ValueError("gone")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_once, line).result(WAIT)


def _once(line: Turns) -> None:
    with line.turn():
        pass
