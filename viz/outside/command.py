"""The command ``gatescope``.

    gatescope                                          opens the app
    gatescope open FILE                                opens it with a file of a model, or of anything that is read
    gatescope trace MODEL INPUT -o report.html         a page about a model in a file, on numbers in a file

MODEL is a safetensors, ONNX or Keras file, or the index of a model in several safetensors files; INPUT a table of
numbers, a row for each step: CSV or NPY.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from core_models.own.files.load import load
from core_models.own.trace import trace
from core_models.own.traced import OwnError
from pretrained.task import InputError
from viz.outside.notebook import to_html
from viz.own_model.reading import Numbers, read_array

APP = Path(__file__).parents[2] / "app.py"
GIVEN = "GATESCOPE_OPEN"
"""The variable of the environment that tells the app which file to open."""


def main(given: Sequence[str] | None = None) -> int:
    """Run the command; the status that it ends with."""
    parser = argparse.ArgumentParser(prog="gatescope", description="See what recurrent networks compute inside.")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("app", help="open the app (what happens without a command)")
    opened = commands.add_parser("open", help="open the app with a file of a model, or of data")
    opened.add_argument("file", type=Path, help="safetensors, ONNX, Keras; or text, a table, a recording …")
    one = commands.add_parser("trace", help="write a page about a model in a file")
    one.add_argument("model", type=Path, help="a safetensors, ONNX or Keras file")
    one.add_argument("input", type=Path, help="numbers, a row for each step: CSV or NPY")
    one.add_argument("-o", "--output", type=Path, default=Path("report.html"), help="the page")
    one.add_argument("--module", default="", help="name of the recurrence, where the file holds several")
    asked = parser.parse_args(given)
    if asked.command == "open":
        if not asked.file.is_file():
            sys.stderr.write(f"gatescope: {asked.file}: there is no such file\n")
            return 1
        os.environ[GIVEN] = str(asked.file.resolve())
    if asked.command != "trace":
        from streamlit.web.cli import main as streamlit

        streamlit(["run", str(APP)], standalone_mode=False)
        return 0
    try:
        written = _trace(asked.model, asked.input, asked.output, asked.module)
    except (OwnError, InputError, OSError) as error:
        said = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else error
        sys.stderr.write(f"gatescope: {said}\n")
        return 1
    sys.stdout.write(f"{written}\n")
    return 0


def _trace(model: Path, numbers: Path, output: Path, module: str) -> Path:
    held = load(model)
    if module not in held and (module or len(held) > 1):
        raise OwnError(f"{model.name}: expected --module with one of {', '.join(held)}, got {module or 'none'}")
    name = module or next(iter(held))
    features = int(held[name].input_size)  # type: ignore[arg-type]  # a number of every recurrence
    x = Numbers(features).table(read_array(numbers.name, numbers.read_bytes(), None))
    found = trace(held[name], x, name=f"{model.name}: {name}" if name else model.name)
    return to_html(found, output)


if __name__ == "__main__":
    raise SystemExit(main())
