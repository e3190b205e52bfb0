"""What a host may set: read from the environment, bounded, and listed where a host looks."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pretrained.limits import SETTINGS

ROOT = Path(__file__).parents[3]
SECURITY = (ROOT / ".github" / "SECURITY.md").read_text(encoding="utf-8")
every_setting = pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)


@every_setting
def test_a_setting_is_read_and_its_default_holds_without_one(setting):
    assert setting.value({}) == setting.value({setting.name: " "}) == setting.default
    for number in (setting.least, setting.most):
        assert setting.value({setting.name: f" {number} "}) == number


@every_setting
@pytest.mark.parametrize("said", ["many", "-1", "1e3", "²", "9" * 30, "12 MB"])
def test_what_is_no_sensible_number_is_left_at_the_default_and_the_log_says_so(setting, said, caplog):
    with caplog.at_level(logging.WARNING):
        assert setting.value({setting.name: said}) == setting.default
    assert setting.name in caplog.text


@every_setting
def test_a_setting_is_listed_with_its_default(setting):
    assert f"| `{setting.name}` | {setting.default:,} | {setting.what} |" in SECURITY


def test_what_is_set_holds_where_files_are_read():
    code = (
        "from pretrained.uploads import apart, limits; from viz.batch import job; from viz.kinds.series import tuning;"
        "print(limits.MOST_MEGABYTES, limits.MOST_ROWS, apart.SECONDS, apart.MOST_MEMORY, job.MOST_HELD_MEGABYTES,"
        "tuning.MOST_TRAININGS)"
    )
    named = {"UPLOAD_MEGABYTES": 5, "ROWS": 1000, "READ_SECONDS": 7, "READ_MEGABYTES": 900, "HELD_MEGABYTES": 77,
             "TRAININGS": 2}  # fmt: skip
    environment = os.environ | {f"GATESCOPE_{name}": str(value) for name, value in named.items()}
    found = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True,
                           check=True)  # fmt: skip
    assert found.stdout.split() == ["5", "1000", "7.0", "900000000", "77", "2"]
