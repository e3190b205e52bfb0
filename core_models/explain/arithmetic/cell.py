"""The arithmetic behind one number: which terms were added, how the sum was squashed, what came out.

Everything is computed anew in double precision from the weights and from the values that the trace holds, by the same
formulas as the network's; ``Arithmetic.value`` therefore agrees with the number in the trace up to float32 rounding,
and ``Arithmetic.shown`` is the traced number itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core_models.cells.cell import Cell, Part
from core_models.explain.arithmetic.term import Term, weighted
from core_models.language import say
from core_models.trace import Site, Trace
from core_models.tracing import Layer
from core_models.vocabulary import quantity

SQUASH: Mapping[str, Callable[[float], float]] = {
    "sigmoid": lambda a: 1.0 / (1.0 + math.exp(-a)) if a >= 0 else math.exp(a) / (1.0 + math.exp(a)),
    "log_sigmoid": lambda a: min(a, 0.0) - math.log1p(math.exp(-abs(a))),
    "tanh": math.tanh,
    "identity": lambda a: a,
}
SQUASH_LATEX = {"sigmoid": r"\sigma", "log_sigmoid": r"\log \sigma", "tanh": r"\tanh", "identity": ""}


@dataclass(frozen=True)
class Arithmetic:
    """How one traced number came about.

    Attributes:
        title: what the number is, for a heading.
        lines: LaTeX, the equation first, then with the numbers put in; aligned at the first equals sign of each.
        terms: the products that were summed; empty where the value is not a sum.
        acting: gates and states that took part, as (label, value).
        value: the result recomputed in double precision.
        shown: the number that the trace holds.
    """

    title: str
    lines: tuple[str, ...]
    terms: tuple[Term, ...]
    acting: tuple[tuple[str, float], ...]
    value: float
    shown: float


def number(value: float) -> str:
    """A number as the arithmetic shows it, six digits after the point; negative numbers in brackets for LaTeX."""
    text = f"{value:.6f}"
    return f"({text})" if text.startswith("-") else text


def explain_cell(layer: Layer, trace: Trace, x: np.ndarray, key: str, step: int, unit: int) -> Arithmetic:
    """Arithmetic of one gate, candidate or state of one unit at one step.

    Args:
        layer: the layer and direction that computed it.
        trace: the trace that holds it.
        x: input of that layer, ``[step, feature]``.
        key: quantity key.
        step: token, counted from 0.
        unit: unit, counted from 0.

    Raises:
        KeyError: if the layer's cell does not compute ``key``.
    """
    parts = {part.key: (row, part) for row, part in enumerate(layer.cell.parts)}
    if key in parts:
        return _explain_part(layer, trace, x, *parts[key], step, unit)
    return _explain_state(layer, trace, key, step, unit)


def _vector(layer: Layer, trace: Trace, operand: str, step: int) -> np.ndarray:
    """A quantity of all units at one step, or with ``before_`` in front at the step before it."""
    if operand.startswith("before_"):
        return _previous(layer, trace, operand.removeprefix("before_"), step)
    return trace.array(layer.site, operand)[step].astype(float)


def _previous(layer: Layer, trace: Trace, key: str, step: int) -> np.ndarray:
    """State before a step in reading order."""
    states = trace.array(layer.site, key)
    before = step + 1 if layer.site.direction == "backward" else step - 1
    return (states[before] if 0 <= before < len(states) else trace.before(layer.site, key)).astype(float)


def _explain_part(layer: Layer, trace: Trace, x: np.ndarray, row: int, part: Part, step: int, unit: int) -> Arithmetic:
    weights, index, reads = layer.weights, row * layer.weights.hidden + unit, part.reads
    gate = float(trace.array(layer.site, part.gated_by)[step, unit]) if part.gated_by else 1.0
    w_x, b_x = weights.w_x[index].detach().cpu().double().numpy(), weights.b_x[index].item()
    terms = weighted("input", "xₜ[{}]", w_x, x[step].astype(float))
    terms.append(Term("bias", say("input bias"), b_x, 1.0, b_x))
    if reads is not None:
        index = layer.cell.reading_parts.index(part) * weights.hidden + unit
        w_h, b_h = weights.w_h[index].detach().cpu().double().numpy(), weights.b_h[index].item()
        inside = trace.array(layer.site, part.gated_inside)[step].astype(float) if part.gated_inside else 1.0
        read = _vector(layer, trace, reads, step) * inside
        terms[-1:-1] = weighted("state", f"{_state_name(reads, part)}[{{}}]", w_h, read, gate)
        terms.append(Term("bias", say("state bias"), b_h * gate, 1.0, b_h * gate))
    if part.peeks is not None:
        seen, weight = float(_vector(layer, trace, part.peeks, step)[unit]), weights.peepholes[part.key][unit].item()
        terms.append(Term("state", f"{_letter_of(part.peeks)}[{unit}]", weight, seen, weight * seen))
    sums = {source: math.fsum(t.product for t in terms if t.source == source) for source in ("input", "state", "bias")}
    total = math.fsum(t.product for t in terms)
    value = SQUASH[part.squash](total)
    row_ = quantity(part.key)
    squash = SQUASH_LATEX[part.squash]
    wrap = (lambda body: rf"{squash}\left({body}\right)") if squash else (lambda body: body)
    names = _sum_names(layer, part)
    split = " + ".join(rf"\underbrace{{{number(sums[source])}}}_{{{name}}}" for source, name in names.items())
    equation = layer.cell.convention.equation(row_.latex) or row_.equation
    lines = (equation, rf"{row_.latex}[{unit}] = " + wrap(split))
    if squash:
        lines += ("= " + wrap(f"{total:.6f}") + f" = {value:.6f}",)
    else:
        lines += (f"= {value:.6f}",)
    acting = ((quantity(part.gated_by).label, gate),) if part.gated_by else ()
    return _result(trace, layer.site, part.key, step, unit, lines, terms, acting, value)


def _sum_names(layer: Layer, part: Part) -> dict[str, str]:
    """What stands under each part of the sum, in the cell's own letters."""
    letter = _weights_letter(layer, part)
    if part.reads is None:
        return {"input": f"W_{letter} x_t", "bias": f"b_{letter}"}
    read = _symbol(part.reads)
    if part.gated_inside:
        read = rf"({quantity(part.gated_inside).latex} \odot {read})"
    gated = rf"{quantity(part.gated_by).latex} \cdot " if part.gated_by else ""
    peeked = rf" + p_{letter} \odot {_symbol(part.peeks)}" if part.peeks else ""
    if isinstance(layer.cell, Cell) and layer.cell.stock is not None:
        bias = f"b_{{i{letter}}} + {gated}b_{{h{letter}}}"
        return {"input": f"W_{{i{letter}}} x_t", "state": f"{gated}W_{{h{letter}}} {read}", "bias": bias}
    return {"input": f"W_{letter} x_t", "state": f"{gated}U_{letter} {read}{peeked}", "bias": f"b_{letter}"}


def _weights_letter(layer: Layer, part: Part) -> str:
    """What stands below the W of a part, as the cell's own equation writes it."""
    row = quantity(part.key)
    found = re.search(r"W_\{?i?([A-Za-z])", layer.cell.convention.equation(row.latex) or row.equation)
    return found[1] if found else row.latex[0]


def _letter_of(operand: str) -> str:
    """An operand's symbol."""
    return _label(operand).rsplit(" ", 1)[-1]


def _state_name(reads: str, part: Part) -> str:
    """Name of one factor of the recurrent sum."""
    symbol = _letter_of(reads)
    return f"{quantity(part.gated_inside).symbol}{symbol}" if part.gated_inside else symbol


def _explain_state(layer: Layer, trace: Trace, key: str, step: int, unit: int) -> Arithmetic:
    operands = _operands(layer, trace, step, unit)
    if key not in layer.cell.formulas:
        raise KeyError(f"explain: expected one of {', '.join(layer.cell.formulas)} at {layer.site.key}, got {key!r}")
    formula = layer.cell.formulas[key]
    used = {name: value for name, value in operands.items() if f"{{{name}}}" in formula.latex}
    symbols, numbers = formula.latex, formula.latex
    for name, value in used.items():
        symbols = symbols.replace(f"{{{name}}}", f"{{{_symbol(name)}}}")
        numbers = numbers.replace(f"{{{name}}}", f"{{{number(value)}}}")
    value = formula.compute(operands)
    symbol = quantity(key).latex
    lines = (f"{symbol} = {symbols}", f"{symbol}[{unit}] = {numbers}", f"= {value:.6f}")
    acting = tuple((_label(name), number_) for name, number_ in used.items())
    return _result(trace, layer.site, key, step, unit, lines, [], acting, value)


def _operands(layer: Layer, trace: Trace, step: int, unit: int) -> dict[str, float]:
    keys = [key for site, key in trace if site == layer.site and quantity(key).dims == ("step", "unit")]
    now = {key: float(trace.array(layer.site, key)[step, unit]) for key in keys}
    return now | {f"before_{key}": float(_previous(layer, trace, key, step)[unit]) for key in layer.cell.states}


def _symbol(name: str) -> str:
    if name.startswith("before_"):
        return quantity(name.removeprefix("before_")).latex.replace("_t", "_{t-1}")
    return quantity(name).latex


def _label(name: str) -> str:
    if name.startswith("before_"):
        row = quantity(name.removeprefix("before_"))
        return say("previous {name} {symbol}", name=say(row.name), symbol=row.symbol.replace("ₜ", "ₜ₋₁"))
    return quantity(name).label


def _result(
    trace: Trace,
    site: Site,
    key: str,
    step: int,
    unit: int,
    lines: tuple[str, ...],
    terms: list[Term],
    acting: tuple[tuple[str, float], ...],
    value: float,
) -> Arithmetic:
    title = say(
        "{quantity}, {site}, unit {unit}, {token}",
        quantity=quantity(key).label, site=site.label, unit=unit, token=trace.tokens_of(site).name(step),
    )  # fmt: skip
    shown = float(trace.array(site, key)[step, unit])
    return Arithmetic(title, lines, tuple(terms), acting, value, shown)
