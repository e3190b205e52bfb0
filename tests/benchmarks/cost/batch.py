"""What reading many sequences costs: lines a second, memory, and how much longer other visitors wait meanwhile.

    python -m tests.benchmarks.cost.batch [--models sst2-gru,pos-bilstm] [--lines 100000] [--reruns 40]

batch    the Batch page's run: ``viz.batch.job.Job`` over all lines, slice by slice, as the page starts it
single   a loop of single readings of the same lines, the network's ``forward`` alone, one line at a time
trace    a loop of what Explore does for one line

``single`` and ``trace`` read the first few hundred lines; rates are lines a second of processor time, which other
programs disturb least. Memory is how much the process's resident set grew above what it was before the run, at its
highest, beside the bytes that the finished table holds.

Last: another visitor types new sentences into Explore in the same process (``AppTest``, which runs the page's script
as the server does), in turn while nothing runs and while a run is on its way.
"""

from __future__ import annotations

import argparse
import threading
import time
from pathlib import Path

import pyarrow as pa
import torch
from streamlit.testing.v1 import AppTest

from pretrained.registry import load
from pretrained.trained import Trained
from tests.benchmarks.running import ROOT, dice, sentence
from tests.benchmarks.timing import Times, milliseconds, print_conditions, print_table
from viz.batch.answers import read_all
from viz.batch.job import Job

FEW = 300
"""Lines that are read one at a time."""


def resident() -> float:
    """Resident memory of this process, in megabytes."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def written(count: int) -> list[str]:
    """So many different sentences of about 20 words."""
    chance = dice(1)
    return [sentence(chance) for _ in range(count)]


def begun(model: Trained, lines: list[str]) -> Job:
    """A run that has just started."""
    job = Job(model, "benchmark", pa.chunked_array([pa.array(lines)]), pa.array(range(1, len(lines) + 1), pa.int32()))
    job.start()
    return job


def rate(call: object, lines: list[str]) -> float:
    """Lines a second of processor time."""
    start = time.process_time()
    for line in lines:
        call(line)  # type: ignore[operator]  # it can be called
    return len(lines) / (time.process_time() - start)


def measure(key: str, lines: list[str]) -> list[str]:
    """One line of the table."""
    model = load(key)
    read_all(model, lines[:FEW])
    single = rate(lambda line: read_all(model, [line]), lines[:FEW])
    traced = rate(lambda line: model.trace(model.encode(line)), lines[: FEW // 5])
    before, highest = resident(), 0.0
    used, start = time.process_time(), time.perf_counter()
    job = begun(model, lines)
    while job.busy:
        highest = max(highest, resident())
        time.sleep(0.05)
    used, took = time.process_time() - used, time.perf_counter() - start
    table = job.results()
    batch = len(table) / used
    return [
        key, f"{len(table):,}", f"{batch:,.0f}", f"{single:,.0f}", f"{traced:,.0f}", f"{batch / single:.1f}",
        f"{batch / traced:.0f}", f"{len(table) / took:,.0f}", f"{highest - before:.0f} MB",
        f"{table.nbytes / 1e6:.0f} MB",
    ]  # fmt: skip


def wait(key: str, lines: list[str], reruns: int) -> list[list[str]]:
    """How long another visitor's reruns take, in turn without a run and with one."""
    model, chance = load(key), dice(2)
    page = AppTest.from_file(str(ROOT / "viz" / "main.py"), default_timeout=60).run()
    seconds: dict[str, list[float]] = {"nothing else runs": [], f"{key} reads a file": []}
    for _ in range(4):
        for name, taken in seconds.items():
            job = begun(model, lines) if "reads" in name else None
            for number in range(reruns // 4 + 1):
                page.text_input(key="text").set_value(sentence(chance))
                start = time.perf_counter()
                page.run()
                if number:
                    taken.append(time.perf_counter() - start)
            if job:
                job.cancel()
                while threading.active_count() > 1 and any(thread.name == "batch" for thread in threading.enumerate()):
                    time.sleep(0.05)
    rows = []
    for name, taken in seconds.items():
        times = Times(tuple(taken))
        rows.append([name, str(len(taken)), milliseconds(times.median), milliseconds(times.p95)])
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default="sst2-gru,pos-bilstm,shakespeare-lstm")
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--reruns", type=int, default=40)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    print_conditions("Many sequences at once", "one thread for torch", f"{asked.lines:,} lines of about 20 words")
    lines, keys = written(asked.lines), asked.models.split(",")
    header = ["model", "lines", "batch", "single", "trace", "batch : single", "batch : trace", "wall lines/s",
              "memory grew", "table holds"]  # fmt: skip
    print_table(header, [measure(key, lines) for key in keys])
    print()
    print_table(["another visitor's rerun of Explore", "reruns", "p50", "p95"], wait(keys[0], lines, asked.reruns))


if __name__ == "__main__":
    main()
