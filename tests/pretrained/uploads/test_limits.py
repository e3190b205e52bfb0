"""What a host may set: read from the environment, bounded, and listed where a host looks."""

from __future__ import annotations

import logging
import sys
from importlib.util import find_spec, module_from_spec
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


HELD = (
    ("UPLOAD_MEGABYTES", "pretrained.uploads.limits", "MOST_MEGABYTES", 1),
    ("ROWS", "pretrained.uploads.limits", "MOST_ROWS", 1),
    ("READ_SECONDS", "pretrained.uploads.apart", "SECONDS", 1),
    ("READ_MEGABYTES", "pretrained.uploads.apart", "MOST_MEMORY", 1_000_000),
    ("HELD_MEGABYTES", "viz.batch.job", "MOST_HELD_MEGABYTES", 1),
    ("TRAININGS", "viz.kinds.series.tuning", "MOST_TRAININGS", 1),
)
"""Settings, where they are read once, under which name, and by how much they are multiplied there."""


@pytest.mark.parametrize(("name", "module", "held", "times"), HELD)
def test_what_is_set_holds_where_files_are_read(name, module, held, times, monkeypatch):
    setting = next(each for each in SETTINGS if each.name == f"GATESCOPE_{name}")
    monkeypatch.setenv(setting.name, str(setting.least + 1))
    spec = find_spec(module)
    assert spec
    assert spec.loader
    anew = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, module, anew)
    spec.loader.exec_module(anew)
    assert getattr(anew, held) == (setting.least + 1) * times
