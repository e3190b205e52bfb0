"""English that the code puts on the screen without saying it: sentences outside of ``say``, ``say_n`` and ``mark``.

Found in the text of the code, so that what no test opens is found too. In the pages, and below them where sentences are
made for the pages, every sentence is meant for the screen, but for what a programmer is told; elsewhere only what is
raised for a person.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from core_models.language.rooms import KEYWORDS, ROOT, called

SENTENCE = re.compile(r"[A-Za-z’']{2,}[,:;]? [a-z’']+")
"""Two words, the second without a capital letter."""
CODE = re.compile(r"[<>\\]|^\w+ = |https?:|;$|\b(var|px)\b|[.#]\w+ \{|^(SELECT|INSERT|UPDATE|DELETE) ")
SEEN = ("viz/", "core_models/attention/", "core_models/cells/", "core_models/explain/", "core_models/heads/",
        "core_models/inputs/", "core_models/vocabulary.py", "pretrained/analysis/labelled.py",
        "pretrained/analysis/seeds.py", "pretrained/corpus/words.py", "pretrained/data/calendar.py",
        "pretrained/evidence.py", "pretrained/families/", "pretrained/kinds/", "pretrained/lab/",
        "pretrained/looks_like.py", "pretrained/memory/architectures.py", "pretrained/memory/published.py",
        "pretrained/memory/summary.py", "pretrained/subject.py", "pretrained/uploads/")  # fmt: skip
"""Beginnings of the paths whose sentences are meant for the screen."""
UNSEEN = ("viz/serving/delivery.py", "viz/serving/start.py", "viz/serving/operator.py", "viz/theme.py",
          "viz/linked_plot/bundle.py", "viz/outside/command.py", "viz/outside/bundle.py",
          "viz/params/stand_ins.py", "viz/files/held.py", "pretrained/uploads/dates/words.py",
          "pretrained/corpus/__main__.py", "pretrained/memory/race.py", "viz/batch/__main__.py")  # fmt: skip
"""Files that put nothing on the screen: what a server is told, a command line, words that are recognised in a table."""
QUIET = {*KEYWORDS, "Kept", "Latest", "Control", "getenv", "namedtuple", "compile", "__import__", "Whole", "exception",
         "write"}  # fmt: skip
"""What takes sentences that nobody reads on the screen, or says them itself."""
KEYS = {"day of year", "field limit", "column {}"}
"""What the code recognises in a table, and how it calls a column without a name, which is data from then on."""
CITED = re.compile(r"\bet al\.|\b(18|19|20)\d\d\b.*[;,]|documentation|\barXiv\b|github\.com")
"""A reference to the literature, which stands as it was published."""
TOLD = {"ValueError", "TypeError", "KeyError", "RuntimeError", "NotImplementedError", "IndexError", "AttributeError",
        "AssertionError", "OSError", "TraceError", "DataError", "ImportError", "LookupError"}  # fmt: skip
"""Errors that tell a programmer."""


def unsaid(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every sentence in a file that is not said."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = path.relative_to(ROOT).as_posix()
    yield from () if name in UNSEEN else _look(tree, seen=name.startswith(SEEN))


def _look(node: ast.AST, *, seen: bool) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):  # a docstring
        return
    if isinstance(node, ast.Call) and called(node.func) in QUIET:
        for child in ast.iter_child_nodes(node):
            named = called(node.func) not in KEYWORDS and isinstance(child, ast.JoinedStr)
            if not (named or isinstance(child, ast.Constant)):
                yield from _look(child, seen=seen)
        return
    if isinstance(node, ast.Raise):
        made = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
        seen = bool(made) and not any(called(each.func) in TOLD for each in made)
    if isinstance(node, ast.Constant | ast.JoinedStr):
        text = _text(node)
        if seen and SENTENCE.search(text) and text not in KEYS and not CODE.search(text) and not CITED.search(text):
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
