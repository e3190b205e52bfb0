"""Equations as HTML for pages that open without a network, where nothing sets LaTeX."""

from __future__ import annotations

import re
from html import escape

SIGNS = {
    r"\sigma": "σ", r"\odot": "⊙", r"\tanh": "tanh", r"\max": "max", r"\tilde": "~", r"\cdot": "·", r"\alpha": "α",
    r"\sum": "Σ", r"\exp": "exp", r"\top": "ᵀ", r"\left": "", r"\right": "", r"\,": " ",
}  # fmt: skip


def to_html(latex: str) -> str:
    """A line of LaTeX as cells write their equations: subscripts, superscripts, Greek letters and operators."""
    text = escape(latex)
    for sign in sorted(SIGNS, key=len, reverse=True):
        text = text.replace(sign, SIGNS[sign])
    for mark, tag in (("_", "sub"), ("^", "sup")):
        text = re.sub(re.escape(mark) + r"\{([^{}]*)\}", rf"<{tag}>\1</{tag}>", text)
        text = re.sub(re.escape(mark) + r"(\w)", rf"<{tag}>\1</{tag}>", text)
    return re.sub(r"[{}\\]", "", text)
