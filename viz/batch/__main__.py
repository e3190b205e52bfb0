"""Answers for a file of any size, in a terminal: what the Batch page shows of a smaller one.

python -m viz.batch MODEL FILE -o ANSWERS.parquet      FILE is CSV, TSV, Parquet, or one text a line
--column NAME                      that holds the sequences
--scheduler ADDRESS                by the workers of a Dask cluster, not by threads here
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from pretrained.corpus.readers import SchedulerError
from pretrained.errors import ModelError
from pretrained.registry import load
from pretrained.task import InputError
from viz.batch.many import read_file


def main(given: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m viz.batch", description="Answers for a file of any size.")
    parser.add_argument("model", help="key of the model")
    parser.add_argument("file", type=Path, help="CSV, TSV, Parquet, or one text a line")
    parser.add_argument("-o", "--output", type=Path, required=True, help="Parquet file of the answers")
    parser.add_argument("--column", default="", help="column that holds the sequences")
    parser.add_argument("--scheduler", default="", help="address of a Dask scheduler whose workers read")
    asked = parser.parse_args(given)
    try:
        model = load(asked.model)
        with tqdm(desc=asked.model, unit=" rows", file=sys.stderr) as bar:

            def tell(done: int) -> None:
                bar.update(done - bar.n)

            rows = read_file(model, asked.file, asked.output, asked.column, asked.scheduler, tell)
    except (InputError, ModelError, SchedulerError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{asked.output.name}: {rows:,} rows\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
