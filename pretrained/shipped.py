"""The files that the project ships, read so that a missing or damaged one is named and never used.

``SHA256SUMS.txt`` lists their checksums, in the format of ``sha256sum``. What a recipe says of its own weights is not
repeated there. A file that the list lacks is read as it is, and so is every file where the list itself is damaged.
Whatever writes a listed file calls ``record``; after a change by hand, ``python -m pretrained.shipped`` lists anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from core_models.language import mark, say
from pretrained.errors import ModelError

FOLDER = Path(__file__).parent
SUMS = FOLDER / "SHA256SUMS.txt"
PLACES = (
    "recipes/*.toml", "tasks/*/*.json", "tasks/*/*.csv", "tasks/*/*.txt", "tasks/*/*.safetensors", "analysis/*.json",
    "lab/*.json", "recordings/*.flac", "corpus/texts/*.json", "checkpoints/*.safetensors", "followed/*.json",
    "probing/results/*.safetensors",
    "faithfulness/results/*.json", "memory/results/*.json", "memory/weights/*.safetensors",
)  # fmt: skip
"""Where the listed files lie below the folder."""

ADVICE = mark(
    "Put it back or install Gatescope anew; until then choose something else, since the rest works without it."
)


def read(path: Path) -> bytes:
    """The content of a shipped file.

    Raises:
        ModelError: if it is missing, cannot be read, or differs from its recorded checksum.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise ModelError(say("The file {file} is missing. {advice}", file=_name(path), advice=say(ADVICE))) from error
    except OSError as error:
        raise ModelError(
            say("The file {file} cannot be opened. {advice}", file=_name(path), advice=say(ADVICE))
        ) from error
    if _sums().get(_name(path), _sum(content)) != _sum(content):
        raise ModelError(
            say(
                "The file {file} is damaged: it differs from its checksum. {advice}",
                file=_name(path),
                advice=say(ADVICE),
            )
        )
    return content


def read_json(path: Path) -> Any:
    """What a shipped JSON file holds.

    Raises:
        ModelError: as ``read``, and if it is not JSON.
    """
    with understood(path):
        return json.loads(read(path))


@contextmanager
def understood(path: Path, *errors: type[Exception]) -> Iterator[None]:
    """Within it, ``errors``, such as come from content that makes no sense, are said to be those of a damaged file.

    Raises:
        ModelError: where one came up, or a ``ValueError``.
    """
    try:
        yield
    except ModelError:
        raise
    except (ValueError, *errors) as error:
        detail = say("it lacks {what}", what=error) if isinstance(error, KeyError) else str(error).rstrip(".")
        raise ModelError(
            say("The file {file} is damaged: {detail}. {advice}", file=_name(path), detail=detail, advice=say(ADVICE))
        ) from error


def faults() -> list[str]:
    """For every listed file that is missing or damaged, a sentence."""
    found = []
    for name in _sums():
        try:
            read(FOLDER.parent / name)
        except ModelError as error:
            found.append(str(error))
    return found


def is_listed(path: Path) -> bool:
    """Whether the project ships this file."""
    return _name(path) in _sums()


def record(path: Path) -> None:
    """List the checksum of a file that was just written; nothing is done for one that lies elsewhere."""
    if any(path in FOLDER.glob(place) for place in PLACES):
        _write({**_sums(), _name(path): _sum(path.read_bytes())})


def main() -> None:
    """``python -m pretrained.shipped``: list every file anew."""
    _write({_name(path): _sum(path.read_bytes()) for place in PLACES for path in FOLDER.glob(place)})


def _write(sums: Mapping[str, str]) -> None:
    lines = [f"{checksum}  {name}\n" for name, checksum in sorted(sums.items())]
    SUMS.write_text("".join(lines), encoding="utf-8", newline="\n")
    _sums.cache_clear()


@cache
def _sums() -> dict[str, str]:
    """Checksums by name; nothing of what cannot be read."""
    try:
        content = SUMS.read_bytes().decode("utf-8", "replace")
    except OSError:
        return {}
    return {name: checksum for checksum, name in re.findall(r"^([0-9a-f]{64})  (\S+)$", content, re.MULTILINE)}


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _name(path: Path) -> str:
    """As it is listed and shown: from the project's folder on, or the file's own name where it lies elsewhere."""
    return path.relative_to(FOLDER.parent).as_posix() if path.is_relative_to(FOLDER) else path.name


if __name__ == "__main__":
    main()
