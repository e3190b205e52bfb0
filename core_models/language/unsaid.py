"""English that the code puts on the screen without saying it: sentences outside of ``say``, ``say_n`` and ``mark``.

Found in the text of the code, so that what no test opens is found too. In the pages every sentence is meant for the
screen, but for what a programmer is told; below them only what is raised for a person.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from core_models.language.rooms import KEYWORDS, ROOT, called

SENTENCE = re.compile(r"[A-Za-z’']{2,}[,:;]? [a-z’']{2,}")
"""Two words, the second without a capital letter."""
CODE = re.compile(r"[<>\\]|https?:|;$|\b(var|px)\b|[.#]\w+ \{|^(SELECT|INSERT|UPDATE|DELETE) ")
UNSEEN = ("viz/serving/delivery.py", "viz/serving/start.py", "viz/serving/operator.py", "viz/theme.py",
          "viz/linked_plot/bundle.py", "viz/outside/command.py", "viz/outside/bundle.py",
          "viz/params/stand_ins.py")  # fmt: skip
"""Files of the pages that put nothing on the screen."""
QUIET = {*KEYWORDS, "Kept", "Latest", "getenv", "namedtuple", "compile", "__import__", "Whole"}
"""What takes sentences that nobody reads on the screen, or says them itself."""
TOLD = {"ValueError", "TypeError", "KeyError", "RuntimeError", "NotImplementedError", "IndexError", "AttributeError",
        "AssertionError", "OSError", "TraceError", "DataError", "ImportError", "LookupError"}  # fmt: skip
"""Errors that tell a programmer."""


def unsaid(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every sentence in a file that is not said."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = path.relative_to(ROOT).as_posix()
    yield from () if name in UNSEEN else _look(tree, seen=name.startswith("viz/"))


def _look(node: ast.AST, *, seen: bool) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):  # a docstring
        return
    if isinstance(node, ast.Call) and called(node.func) in QUIET:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.Constant):
                yield from _look(child, seen=seen)
        return
    if isinstance(node, ast.Raise):
        seen = isinstance(node.exc, ast.Call) and called(node.exc.func) not in TOLD
    if isinstance(node, ast.Constant | ast.JoinedStr):
        text = _text(node)
        if seen and SENTENCE.search(text) and not CODE.search(text):
            yield node.lineno, text
        return
    for child in ast.iter_child_nodes(node):
        yield from _look(child, seen=seen)


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    """A literal as it is written, ``{}`` for what is put in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return "".join(str(part) for part in parts)
