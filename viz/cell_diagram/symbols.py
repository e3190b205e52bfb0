"""How quantities are written in the picture: a letter, and below it the step."""

from __future__ import annotations

import re
from functools import cache

from core_models.language import say
from core_models.vocabulary import quantity
from viz.cell_diagram.circuit import BEFORE, INPUT, base
from viz.cell_diagram.expression import Node

_LETTERS = {r"\gamma": "γ", r"\alpha": "α", r"\tilde{h}": "h̃", r"\bar{A}": "Ā", r"\tilde{i}": "ĩ", r"\tilde{f}": "f̃"}
_SYMBOL = re.compile(r"(?P<letter>\\(?:tilde|bar)\{\w\}|\\?[A-Za-z]+)(?P<prime>'*)_\{?(?P<step>[A-Za-z0-9,]+)\}?")


def latex_of(name: str) -> str:
    """A quantity in LaTeX, such as ``h_{t-1}``."""
    if name == INPUT:
        return "x_t"
    latex = quantity(base(name)).latex
    return latex.replace("_t", "_{t-1}") if name.startswith(BEFORE) else latex


@cache
def symbol_of(name: str) -> tuple[str, str]:
    """A quantity as a letter and what stands below it, such as ``h′`` and ``t−1``."""
    found = _SYMBOL.fullmatch(latex_of(name).replace("t-1", "t,1"))
    if found is None:
        return base(name), ""
    letter = _LETTERS.get(found["letter"], found["letter"].lstrip("\\"))
    return letter + "′" * len(found["prime"]), found["step"].replace("t,1", "t−1")


def written(name: str) -> str:
    """Letter and step with a low line between them, as the browser takes them apart."""
    return "_".join(symbol_of(name)).rstrip("_")


def spoken(name: str) -> str:
    """A quantity by its name, such as ``hidden state before``."""
    if name == INPUT:
        return say("input")
    row = say(quantity(base(name)).name)
    return say("{name} before", name=row) if name.startswith(BEFORE) else row


def said(node: Node) -> str:
    """A valve's factor in letters, such as ``1 − z``."""
    if node[0] == "of":
        return symbol_of(node[1])[0]
    if node[0] == "number":
        return f"{node[1]:g}"
    left, right = (said(part) for part in node[1:3]) if len(node) > 2 else ("", said(node[1]))
    sign = {"-": "−", "*": "·"}.get(node[0], node[0])
    right = f"({right})" if sign == "/" and " " in right else right
    return f"{left} {sign} {right}" if left else f"{sign}({right})"
