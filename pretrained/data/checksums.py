"""Data files held against their recorded checksums."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from pretrained.task import DataError


def verify_files(folder: Path, files: Mapping[str, str]) -> None:
    """Check every file below ``folder`` against its sha256.

    Raises:
        DataError: if one is missing or differs.
    """
    for name, expected in files.items():
        path = folder / name
        if not path.is_file():
            raise DataError(f"data: expected {name} in {folder}, got nothing; the task names its source")
        if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise DataError(f"data: expected {name} with sha256 {expected[:12]}…, got another file")
