"""What the figures of gradients and half-lives show on this text, in words made from their numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core_models.explain.memory.fading import StateGradients
from core_models.language import say, say_n
from core_models.vocabulary import quantity
from viz.figures.memory.gradient_flow import Beside, best_keeper
from viz.figures.parts.token_axis import spell

CLOSE, SAME_SIZE = 1.5, 2.0
"""Two half-lives agree within the first factor, and one path accounts for a gradient within the second."""

Doubles = NDArray[np.float64]


def say_gradients(
    labels: Sequence[str], after: StateGradients, before: StateGradients, key: str, beside: Beside | None
) -> str:
    """What is left of the gradient at the token read first, before and after training, and what made it so."""
    far = int(after.lags.argmax())
    lag, now, once = int(after.lags[far]), after.norms[key][far], before.norms[key][far]
    said = say_n(
        "From the end back to “{label}”, {n} token earlier, the gradient is multiplied by **{now}** after training; "
        "before training it was {once}.",
        "From the end back to “{label}”, {n} tokens earlier, the gradient is multiplied by **{now}** after training; "
        "before training it was {once}.",
        lag, label=plain(labels[far]), now=_number(now), once=_number(once),
    )  # fmt: skip
    if beside:
        title, other = beside
        reach = other.norms.get(key, other.memory)[int(other.lags.argmax())]
        said += say(" In {title} it is {number}.", title=title, number=_number(reach))
        if reach > now and after.convention.keeps_past:
            said += say(
                " A smaller gradient is not a worse memory: a gate can learn to let go of what "
                "the answer does not need."
            )
    return f"{said} {_why(after, key, far, now)}"


def _why(after: StateGradients, key: str, far: int, now: float) -> str:
    if after.slopes is not None and after.stretch is not None:
        return say(
            "Nothing protects the state here: at every token all of it is multiplied by the recurrent weights (at most "
            "×{stretch:.2f}) and then by the slope of the activation function, {slope:.2f} on average; {shrinking}.",
            stretch=after.stretch, slope=after.slopes.mean(), shrinking=_shrinking(after, key),
        )  # fmt: skip
    unit, path = best_keeper(after), after.kept_path
    if unit is None or path is None:
        return say("Of the tokens on the way, {shrinking}.", shrinking=_shrinking(after, key))
    gate = quantity(next(iter(after.convention.keeps_past))).label
    told = {"gate": gate, "unit": unit, "number": _number(path[far])}
    if key != after.convention.memory:
        return say(
            "The {gate} of unit {unit} alone would leave {number} of it in the {state}; what is shown here must also "
            "pass the other gates on its way in and out.", state=quantity(after.convention.memory).label, **told,
        )  # fmt: skip
    if now / SAME_SIZE <= path[far] <= now * SAME_SIZE:
        return say(
            "The {gate} of unit {unit} alone would leave {number} of it: the gate that keeps the past accounts for the "
            "size of what arrives.", **told,
        )  # fmt: skip
    if path[far] < now:
        return say(
            "The {gate} of unit {unit} alone would leave {number} of it, which is less: the rest came by other paths, "
            "handed on from unit to unit.", **told,
        )  # fmt: skip
    return say(
        "The {gate} of unit {unit} alone would leave {number} of it, which is more: what other units feed back works "
        "against it.", **told,
    )  # fmt: skip


def _shrinking(after: StateGradients, key: str) -> str:
    passed = after.passed(key)
    known = passed[np.isfinite(passed)]
    return say("{shrunk} of the {n} tokens on the way shrink it", shrunk=int((known < 1).sum()), n=len(known))


def say_half_lives(promised: Doubles | None, own: Doubles, along: Doubles | None, horizon: int) -> str:
    """How many units last as long as their gate predicts, and why the others do not.

    Args:
        promised: from the mean retention, ``[unit]``; None where there is no keeping gate.
        own: measured on the unit itself, ``[unit]``.
        along: when the product of the gate's own values along these tokens falls to half, ``[unit]``, or None.
        horizon: tokens from the nudge to the end of the text.
    """
    lasting = int(np.isinf(own).sum())
    middle = float(np.median(own))
    none = say(
        "The median half-life, measured, is not reached by most units within this input; {lasting} of {n} units still "
        "hold more than half at the end.", lasting=lasting, n=len(own),
    )  # fmt: skip
    said = none if np.isinf(middle) else say(

            "The median half-life, measured, is {middle:.1f} tokens; {lasting} of {n} units still "
            "hold more than half at the "
        "end.", middle=middle, lasting=lasting, n=len(own),
    )  # fmt: skip
    if promised is None or along is None:
        return (
            say(
                "{said} With no gate to keep it, a unit is rewritten at every token: what is left of a nudge "
                "lives on in the other units, so the whole memory (diamonds) keeps it longer than any single "
                "unit.",
                said=said,
            )
            if lasting == 0
            else said
        )
    agree = agreeing(promised, own, horizon)
    uneven = ~agree & agreeing(along, own, horizon)
    fed = ~agree & ~uneven
    said += say(
        " In {count} of them the gate’s prediction holds within a factor of {close:g}.",
        count=int(agree.sum()),
        close=CLOSE,
    )
    if uneven.any():
        said += say(
            " In {count} it fails only because the gate varies from token to token: its values, multiplied "
            "token by token (dotted on the right), do give the measured half-life.",
            count=int(uneven.sum()),
        )
    if fed.any():
        longer = int((fed & (own > along)).sum())
        said += say(
            " In {count} the gate’s values do not explain it, because the candidate and other units feed "
            "back what a unit held: {longer} remember for longer than their gates say, {shorter} for less "
            "long.",
            count=int(fed.sum()),
            longer=longer,
            shorter=int(fed.sum()) - longer,
        )
    return said


def agreeing(one: Doubles, other: Doubles, horizon: int) -> NDArray[np.bool_]:
    """Whether two half-lives agree within ``CLOSE``; beyond the end of the text they cannot be told apart."""
    a, b = (np.minimum(values, horizon) for values in (one, other))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (a == b) | (np.maximum(a, b) <= CLOSE * np.minimum(a, b))


def plain(token: str) -> str:
    """A token, spelled so that it can be seen and so that Markdown shows it as typed."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()<>#+-.!|~$:&" else sign for sign in spell(token))


def _number(value: float) -> str:
    """Two digits, tiny and huge numbers as powers of ten."""
    if value == 0:
        return say("exactly 0")
    if 1e-3 <= value < 1e4:
        return f"{value:.2g}" if value < 100 else f"{value:.0f}"
    exponent = int(np.floor(np.log10(value)))
    power = "".join("⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".index(sign)] for sign in str(exponent))
    return f"{value / 10.0**exponent:.1f}·10{power}"
