"""What the figures of gradients and half-lives show on this text, in words made from their numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core_models.explain.memory.fading import StateGradients
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
    said = (
        f"From the end back to “{plain(labels[far])}”, {lag} {_tokens(lag)} earlier, the gradient is multiplied by "
        f"**{_number(now)}** after training; before training it was {_number(once)}."
    )
    if beside:
        title, other = beside
        reach = other.norms.get(key, other.memory)[int(other.lags.argmax())]
        said += f" In {title} it is {_number(reach)}."
        if reach > now and after.convention.keeps_past:
            said += (
                " A smaller gradient is not a worse memory: a gate can learn to let go of what the answer does not "
                "need."
            )
    return f"{said} {_why(after, key, far, now)}"


def _why(after: StateGradients, key: str, far: int, now: float) -> str:
    if after.slopes is not None and after.stretch is not None:
        return (
            f"Nothing protects the state here: at every token all of it is multiplied by the recurrent weights "
            f"(at most ×{after.stretch:.2f}) and then by the slope of the activation function, "
            f"{after.slopes.mean():.2f} on average; {_shrinking(after, key)}."
        )
    unit, path = best_keeper(after), after.kept_path
    if unit is None or path is None:
        return f"Of the tokens on the way, {_shrinking(after, key)}."
    gate = quantity(next(iter(after.convention.keeps_past))).label
    alone = f"The {gate} of unit {unit} alone would leave {_number(path[far])} of it"
    if key != after.convention.memory:
        held = quantity(after.convention.memory).label
        return f"{alone} in the {held}; what is shown here must also pass the other gates on its way in and out."
    if now / SAME_SIZE <= path[far] <= now * SAME_SIZE:
        return f"{alone}: the gate that keeps the past accounts for the size of what arrives."
    if path[far] < now:
        return f"{alone}, which is less: the rest came by other paths, handed on from unit to unit."
    return f"{alone}, which is more: what other units feed back works against it."


def _shrinking(after: StateGradients, key: str) -> str:
    passed = after.passed(key)
    known = passed[np.isfinite(passed)]
    return f"{int((known < 1).sum())} of the {len(known)} tokens on the way shrink it"


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
    half = "is not reached by most units within this input" if np.isinf(middle) else f"is {middle:.1f} tokens"
    said = (
        f"The median half-life, measured, {half}; {lasting} of {len(own)} units still hold more than half at the end."
    )
    if promised is None or along is None:
        return (
            f"{said} With no gate to keep it, a unit is rewritten at every token: what is left of a nudge lives on in "
            "the other units, so the whole memory (diamonds) keeps it longer than any single unit."
            if lasting == 0
            else said
        )
    agree = agreeing(promised, own, horizon)
    uneven = ~agree & agreeing(along, own, horizon)
    fed = ~agree & ~uneven
    said += f" In {int(agree.sum())} of them the gate’s prediction holds within a factor of {CLOSE:g}."
    if uneven.any():
        said += (
            f" In {int(uneven.sum())} it fails only because the gate varies from token to token: its values, "
            "multiplied token by token (dotted on the right), do give the measured half-life."
        )
    if fed.any():
        longer = int((fed & (own > along)).sum())
        said += (
            f" In {int(fed.sum())} the gate’s values do not explain it, because the candidate and other units feed "
            f"back what a unit held: {longer} remember for longer than their gates say, {int(fed.sum()) - longer} for "
            "less long."
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


def _tokens(count: int) -> str:
    return "token" if count == 1 else "tokens"


def _number(value: float) -> str:
    """Two digits, tiny and huge numbers as powers of ten."""
    if value == 0:
        return "exactly 0"
    if 1e-3 <= value < 1e4:
        return f"{value:.2g}" if value < 100 else f"{value:.0f}"
    exponent = int(np.floor(np.log10(value)))
    power = "".join("⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".index(sign)] for sign in str(exponent))
    return f"{value / 10.0**exponent:.1f}·10{power}"
