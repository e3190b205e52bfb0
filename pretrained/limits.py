"""What a host may set: the bounds on what one visitor, and all of them together, may ask of the server.

Each is an environment variable, read when the app starts. What is no whole number, or lies outside of what is sensible,
is left at its default, and the log says so. ``.github/SECURITY.md`` lists them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Setting:
    """One bound.

    Attributes:
        name: of the environment variable.
        default: what holds where it is not set.
        least, most: between which it can be set.
        what: it bounds, in words.
    """

    name: str
    default: int
    least: int
    most: int
    what: str

    def value(self, environment: Mapping[str, str] = os.environ) -> int:
        """What is set, or the default."""
        said = environment.get(self.name, "").strip()
        if not said:
            return self.default
        if said.isascii() and said.isdigit() and len(said) < 16 and self.least <= int(said) <= self.most:
            return int(said)
        LOG.warning("%s: expected a whole number from %d to %d, got %r; it stays %d", self.name, self.least, self.most,
                    said, self.default)  # fmt: skip
        return self.default


VISITORS = Setting("GATESCOPE_VISITORS", 1_000, 1, 100_000, "people at the same time")
UPLOAD_MEGABYTES = Setting("GATESCOPE_UPLOAD_MEGABYTES", 20, 1, 50, "size of a file of data, in MB")
UNPACKED_MEGABYTES = Setting("GATESCOPE_UNPACKED_MEGABYTES", 60, 1, 1_000, "what a packed file holds, in MB")
ROWS = Setting("GATESCOPE_ROWS", 200_000, 100, 5_000_000, "rows of a table, and sequences of a batch")
READ_SECONDS = Setting("GATESCOPE_READ_SECONDS", 30, 1, 600, "time to read a file, in seconds")
READ_MEGABYTES = Setting("GATESCOPE_READ_MEGABYTES", 1_500, 200, 100_000, "memory to read a file, in MB")
BATCH_MEGABYTES = Setting("GATESCOPE_BATCH_MEGABYTES", 40, 1, 10_000, "answers to one visitor's batch, in MB")
HELD_MEGABYTES = Setting("GATESCOPE_HELD_MEGABYTES", 600, 10, 100_000, "texts and answers of all batches, in MB")
TRAININGS = Setting("GATESCOPE_TRAININGS", 8, 0, 1_000, "copies that learn from a series at the same time")
SEARCH_WORK = Setting("GATESCOPE_SEARCH_WORK", 300, 1, 100_000, "products in a search for edits, in billions")
LAB_RUNS = Setting("GATESCOPE_LAB_RUNS", 4, 1, 1_000, "networks of the lab that learn in turn; others wait")
LAB_SECONDS = Setting("GATESCOPE_LAB_SECONDS", 300, 10, 86_400, "computing for one network of the lab, in seconds")
LAB_SHARE = Setting("GATESCOPE_LAB_SHARE", 80, 1, 100, "share of a core for all networks of the lab, in percent")
LAB_MEGABYTES = Setting("GATESCOPE_LAB_MEGABYTES", 400, 10, 100_000, "weights that the lab records, in MB")

SETTINGS = (VISITORS, UPLOAD_MEGABYTES, UNPACKED_MEGABYTES, ROWS, READ_SECONDS, READ_MEGABYTES, BATCH_MEGABYTES,
            HELD_MEGABYTES, TRAININGS, SEARCH_WORK, LAB_RUNS, LAB_SECONDS, LAB_SHARE, LAB_MEGABYTES)  # fmt: skip
"""All of them."""
