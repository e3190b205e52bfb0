"""Who reads the texts of a corpus: threads of this process, or the workers of a Dask cluster.

Both take the same work as a pool of ``concurrent.futures``, and give the same bytes: every text is read by itself. What
a worker that is lost was reading is read by another one. Workers need this project and its models installed, and are
trusted: Dask sends them code.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from core_models.language import say

WAIT_SECONDS = 10
"""How long a scheduler may take to answer."""


class SchedulerError(ValueError):
    """A cluster that cannot be used; the message says what to do."""


@contextmanager
def readers(scheduler: str = "") -> Iterator[Executor]:
    """A pool of readers: a thread for each processor, or the workers of the cluster whose scheduler is named.

    Args:
        scheduler: address, such as ``tcp://10.0.0.5:8786``; none for threads.

    Raises:
        SchedulerError: if Dask is not installed, or nobody answers there.
    """
    if not scheduler:
        with ThreadPoolExecutor(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None) as pool:
            yield pool
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise SchedulerError(
            say('--scheduler needs Dask, which is not installed: pip install "gatescope[cluster]".')
        ) from error
    try:
        client = Client(scheduler, timeout=WAIT_SECONDS)
    except (OSError, ValueError) as error:
        raise SchedulerError(
            say("No Dask scheduler answers at {address}: start one with “dask scheduler”, and name the address that it "
                "prints.", address=scheduler)
        ) from error  # fmt: skip
    with client, client.get_executor(retries=3) as pool:
        yield pool
