"""No file imports another that leads back to it, whether at the top, inside a function or for types alone."""

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("core_models", "pretrained", "viz")


def modules() -> dict[str, Path]:
    """Every file of the project's packages by the name under which it is imported."""
    found = {}
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(text: str) -> Iterator[str]:
    """The name of every module that a file names in an import, and of whatever it takes from one."""
    for node in statements(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Every statement inside a file, at any depth."""
    for part in ("body", "orelse", "finalbody", "handlers", "cases"):
        held = getattr(node, part, ())
        for child in held if isinstance(held, list) else ():
            yield child
            yield from statements(child)


def graph_of(files: Mapping[str, str]) -> dict[str, set[str]]:
    """By name of a module, the modules that its text imports: of a name in a package, its own file if it has one."""
    found: dict[str, set[str]] = {name: set() for name in files}
    for name, text in files.items():
        for target in imported(text):
            holder = target if target in files else target.rpartition(".")[0]
            found[name] |= {holder} & files.keys() - {name}
    return found


def assert_no_circle(graph: Mapping[str, set[str]]) -> None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError("a circle of files: " + " ← ".join(error.args[1])) from None


def test_no_files_import_each_other_in_a_circle():
    assert_no_circle(graph_of({name: path.read_text(encoding="utf-8") for name, path in modules().items()}))


def test_a_circle_is_found_inside_functions_and_among_imports_for_types():
    files = {
        "a": "def f():\n    from b import g\n",
        "b": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import c.d\n",
        "c": "",
        "c.d": "from a import f\n",
    }
    with pytest.raises(AssertionError, match=r"a circle of files: .*c\.d"):
        assert_no_circle(graph_of(files))
