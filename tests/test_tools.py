"""The linter, the types and the import rules find nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

TOOLS = {
    "ruff finds nothing to mend": [sys.executable, "-m", "ruff", "check", "--no-cache"],
    "ruff would format nothing differently": [sys.executable, "-m", "ruff", "format", "--check", "--no-cache"],
    "pyright finds every type sound": [sys.executable, "-m", "pyright", "--pythonpath", sys.executable],
    "import-linter finds every import going the right way": [
        str(Path(sys.executable).parent / "lint-imports"), "--no-cache",
    ],
}  # fmt: skip


@pytest.mark.parametrize("command", TOOLS.values(), ids=TOOLS.keys())
def test_tool(command: list[str]) -> None:
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
