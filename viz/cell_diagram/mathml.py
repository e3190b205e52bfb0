"""A cell's equations as MathML, in which every quantity of the picture can be pointed at.

Only the LaTeX that cells write is known: letters with indices, fractions, sums, brackets and the names below. Browsers
draw MathML themselves, so that the equations need no script and no font from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

_TOKEN = re.compile(r"\\[A-Za-z]+|\\[,;! ]|[A-Za-z]|\d+(?:\.\d+)?|\S")
_LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "sigma": "σ", "theta": "θ", "lambda": "λ", "Delta": "Δ", "delta": "δ",
    "phi": "φ", "mu": "μ", "epsilon": "ε", "nu": "ν",
}  # fmt: skip
_SIGNS = {
    "odot": "⊙", "cdot": "·", "le": "≤", "ge": "≥", "top": "⊤", "sum": "∑", "times": "×", "prod": "∏", "in": "∈",
    "to": "→", "ldots": "…",
}  # fmt: skip
_SPACES = {"quad": "1em", ",": "0.17em", ";": "0.28em", " ": "0.25em", "!": "0"}
_IGNORED = ("left", "right", "big", "Big", "bigl", "bigr")


def to_mathml(latex: str, names: Mapping[str, str]) -> str:
    """One equation as a ``math`` element.

    Args:
        latex: the equation.
        names: by a quantity's own LaTeX, such as ``h_{t-1}``, the name that its places in the equation carry in
            ``data-names``.
    """
    reader = _Reader(latex, names)
    return f'<math display="inline">{"".join(reader.rest(()))}</math>'


class _Reader:
    def __init__(self, latex: str, names: Mapping[str, str]) -> None:
        self.tokens, self.names = _TOKEN.findall(latex), names

    def rest(self, ends: tuple[str, ...]) -> list[str]:
        found = []
        while self.tokens and self.tokens[0] not in ends:
            found.append(self.item())
        return found

    def group(self) -> tuple[str, str]:
        """What stands in braces, or the one thing that follows, and its LaTeX without spaces."""
        if not self.tokens:
            return "<mrow></mrow>", ""
        before = list(self.tokens)
        if self.tokens[0] != "{":
            made = self.atom()
        else:
            self.tokens.pop(0)
            made = f"<mrow>{''.join(self.rest(('}',)))}</mrow>"
            self.tokens[:1] = []
        read = before[: len(before) - len(self.tokens)]
        inner = read[1:-1] if read[0] == "{" else read
        return made, "".join(inner)

    def item(self) -> str:
        """One thing with what stands above and below it."""
        before, letter = list(self.tokens), self.tokens[0]
        made, below, above, primes = self.atom(), "", "", ""
        latex = "".join(before[: len(before) - len(self.tokens)])
        while self.tokens and self.tokens[0] in ("_", "^", "'"):
            mark = self.tokens.pop(0)
            if mark == "'":
                primes, latex = primes + "′", latex + "'"
                continue
            inside, said = self.group()
            inside = inside.replace("<mo>", '<mo lspace="0" rspace="0">')
            if mark == "_":
                below, latex = inside, f"{latex}_{{{said}}}" if len(said) > 1 else f"{latex}_{said}"
            else:
                above = inside
        if primes:
            made = f'<mrow>{made}<mo lspace="0" rspace="0">{primes}</mo></mrow>'
        kind = "under" if letter in ("\\sum", "\\prod") else "sub"
        if below and above:
            both = "munderover" if kind == "under" else "msubsup"
            made = f"<{both}>{made}<mrow>{below}</mrow><mrow>{above}</mrow></{both}>"
        elif below or above:
            tag = f"m{kind}" if below else "msup"
            made = f"<{tag}>{made}<mrow>{below or above}</mrow></{tag}>"
        name = self.names.get(latex)
        return f'<mrow data-names="{escape(name)}">{made}</mrow>' if name else made

    def atom(self) -> str:
        token = self.tokens.pop(0)
        name = token[1:] if token.startswith("\\") else ""
        if token == "{":
            self.tokens.insert(0, token)
            return self.group()[0]
        if name == "frac":
            return f"<mfrac>{self.group()[0]}{self.group()[0]}</mfrac>"
        if name in ("mathrm", "text", "operatorname"):
            return f"<mi mathvariant='normal'>{escape(self.group()[1])}</mi>"
        if name in ("tilde", "bar", "hat"):
            mark = {"tilde": "~", "bar": "¯", "hat": "^"}[name]
            return f"<mover>{self.group()[0]}<mo>{mark}</mo></mover>"
        if name in _IGNORED:
            return ""
        if name in _SPACES:
            return f'<mspace width="{_SPACES[name]}"></mspace>'
        if name in _LETTERS:
            return f"<mi>{_LETTERS[name]}</mi>"
        if name in _SIGNS:
            return f"<mo>{_SIGNS[name]}</mo>"
        if name:
            return f"<mi>{escape(name)}</mi>"
        if token.isalpha():
            return f"<mi>{token}</mi>"
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        return f"<mo>{escape('−' if token == '-' else token)}</mo>"
