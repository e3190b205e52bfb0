"""The picture of a cell: every cell, listed or not, draws itself from what it says of itself."""

import itertools
import json
import math
import re
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pytest
import torch

from core_models.cells import CELLS
from core_models.cells.cell import Cell, Described, Formula, Part
from core_models.cells.lstm import LSTMCell
from core_models.cells.recurrence import recurrence
from core_models.explain.arithmetic.cell import SQUASH
from core_models.explain.arithmetic.sums import part_sums
from core_models.trace import Site, Tokens
from core_models.tracing import layers_of, trace
from core_models.vocabulary import quantity
from tests.support.toy_cells import TOYS
from viz.cell_diagram import Circuit, Picture
from viz.cell_diagram.circuit import base, reads_of
from viz.cell_diagram.component import Opened, Stepped, UnitChosen, _event
from viz.cell_diagram.expression import evaluate, operands, parse
from viz.cell_diagram.layout import lay_out
from viz.cell_diagram.mathml import to_mathml
from viz.cell_diagram.numbers import values_of
from viz.cell_diagram.picture import to_page

EVERY: dict[str, Described] = {**CELLS, **TOYS}
UNITS, STEPS = 6, 5


def _formula(latex: str) -> Formula:
    return Formula(latex, lambda operands: 0.0)


class _Shares(Described):
    """Gates that share out one whole."""

    convention = CELLS["lstm"].convention
    parts = (Part("input_gate", "sigmoid", reads=None), Part("forget_gate", "sigmoid", reads=None),
             Part("candidate", "identity", reads=None))  # fmt: skip
    formulas: ClassVar[Mapping[str, Formula]] = {
        "hidden_state": _formula(
            r"\frac{{forget_gate}}{{forget_gate} + {input_gate}} \cdot {before_hidden_state} + "
            r"\frac{{input_gate}}{{forget_gate} + {input_gate}} \cdot {candidate}"
        )
    }


class _TwoMemories(Described):
    """Two states side by side, one divided by the other."""

    convention = CELLS["lstm"].convention
    parts = LSTMCell.parts
    states = ("hidden_state", "cell_state", "multiplied_state")
    formulas: ClassVar[Mapping[str, Formula]] = {
        "cell_state": LSTMCell.formulas["cell_state"],
        "multiplied_state": _formula(r"{forget_gate} \cdot {before_multiplied_state} + {input_gate}"),
        "hidden_state": _formula(r"{output_gate} \cdot \frac{{cell_state}}{{multiplied_state}}"),
    }


DRAWN = {**EVERY, "shares": _Shares(), "two memories": _TwoMemories()}
"""With cells that are declared only, as a new one might be."""

RNN = Site("rnn")

every_cell = pytest.mark.parametrize("key", EVERY)
every_drawn = pytest.mark.parametrize("key", DRAWN)
both_widths = pytest.mark.parametrize("wide", [True, False], ids=["wide", "narrow"])


def picture(key: str) -> Picture:
    """An untrained recurrence of the cell on a few random steps."""
    torch.manual_seed(2)
    cell = EVERY[key]
    module = recurrence(cell if isinstance(cell, Cell) else key, UNITS, UNITS).eval()
    x = torch.randn(STEPS, UNITS) * 2.0
    found, layer = trace(module, x), layers_of(module)[0][0]
    circuit = Circuit(cell)
    sums = part_sums(layer, found, x.numpy())
    values = values_of(circuit, found, RNN, x.numpy(), sums)
    return Picture(circuit, values, Tokens.numbered(STEPS))


@every_drawn
@both_widths
def test_every_part_state_and_operand_is_in_the_picture(key: str, wide: bool):
    cell = DRAWN[key]
    drawn = [box.id for box in lay_out(Circuit(cell), wide=wide).boxes]
    wanted = {part.key for part in cell.parts} | {*cell.states} | {"input"}
    wanted |= {name for formula in cell.formulas.values() for name in re.findall(r"\{([a-z_]+)\}", formula.latex)}
    wanted |= {name for part in cell.parts for name in reads_of(part)}
    assert wanted <= {*drawn}
    assert len(drawn) == len({*drawn})


@every_drawn
@both_widths
def test_boxes_lie_apart_and_within_the_picture(key: str, wide: bool):
    layout = lay_out(Circuit(DRAWN[key]), wide=wide)
    for box in layout.boxes:
        assert 0.0 <= box.x <= layout.width - box.width, box.id
        assert 0.0 <= box.y <= layout.height - box.height, box.id
    for one, other in itertools.combinations(layout.boxes, 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        below = one.y + one.height <= other.y or other.y + other.height <= one.y
        assert beside or below, (one.id, other.id)


@every_drawn
@both_widths
def test_lines_have_finite_places_inside_the_picture_and_fit_a_phone(key: str, wide: bool):
    layout = lay_out(Circuit(DRAWN[key]), wide=wide)
    assert layout.lines
    for line in layout.lines:
        numbers = [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", line.path)]
        assert all(math.isfinite(number) and -1.0 <= number <= max(layout.width, layout.height) for number in numbers)
        assert "nan" not in line.path
        assert "inf" not in line.path
    assert wide or layout.width <= 360


@every_drawn
def test_a_gate_has_a_valve_wherever_the_cell_says_that_it_gates(key: str):
    cell = DRAWN[key]
    valves = [box for box in lay_out(Circuit(cell), wide=True).boxes if box.kind == "valve"]
    turned = {name for box in valves for name in operands(box.node or ["number", 1.0])}
    gates = {part.key for part in cell.parts if part.squash == "sigmoid"} | {*cell.made}
    assert gates == turned


@every_cell
def test_what_arrives_at_the_end_of_the_lanes_adds_up_to_the_traced_state(key: str):
    shown = picture(key)
    for stage in shown.circuit.stages:
        total = sum(evaluate(lane.whole, shown.values) for lane in stage.lanes)
        np.testing.assert_allclose(total, shown.values[stage.state], atol=2e-6)


@every_cell
def test_every_gate_is_its_squashing_function_of_the_sum_in_the_picture(key: str):
    shown = picture(key)
    for part in shown.circuit.cell.parts:
        squash = np.vectorize(SQUASH[part.squash])
        np.testing.assert_allclose(squash(shown.values[f"sum:{part.key}"]), shown.values[part.key], atol=2e-6)


@every_cell
def test_the_sentence_names_token_and_unit_and_tells_the_numbers_of_the_cell(key: str):
    shown = picture(key)
    for step in range(STEPS):
        said = shown.sentence(step, 3)
        assert said.startswith(f"At “{step + 1}”, unit 3 ")
        assert said.endswith(".")
        for gate in shown.circuit.cell.convention.keeps_past:
            value = float(shown.values[gate][step, 3])
            kept = value if shown.circuit.cell.convention.keeps_past[gate] else 1.0 - value
            if key == "min_lstm":
                kept = value / (value + float(shown.values["input_gate"][step, 3]))
            assert f"{100 * kept:.0f}%" in said or f"{100 * (1 - kept):.0f}%" in said or "in the place of" in said


def test_the_sentence_follows_the_convention_of_the_update_gate():
    keeps, overwrites = picture("gru"), picture("gru_reset_before")
    for shown, value in ((keeps, 0.996), (overwrites, 0.004)):
        shown.values["update_gate"] = np.full((STEPS, UNITS), value, dtype=np.float32)
        assert f"but z = {value} kept 99.6% of the old state" in shown.sentence(2, 1)


def _is_balanced(markup: str) -> bool:
    """Whether every element that is opened is closed, in turn."""
    opened: list[str] = []
    for end, name in re.findall(r"<(/?)([a-z]+)[^>]*>", markup):
        if not end:
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened


@every_cell
def test_the_equations_are_mathml_in_which_every_part_can_be_pointed_at(key: str):
    data, cell = picture(key).data(1, None), EVERY[key]
    marked = set()
    for row in data["equations"]:
        marked |= {*re.findall(r'data-names="([a-z_]+)"', row["math"])}
        assert _is_balanced(row["math"])
    assert {part.key for part in cell.parts} | {"input", *cell.states} <= marked
    defined = [row["names"] for row in data["equations"]]
    assert {part.key for part in cell.parts} | {*cell.states} <= {*defined}


def test_mathml_escapes_what_it_does_not_know():
    assert "<script" not in to_mathml(r"a < \text{<script>}", {})


@every_cell
def test_data_hold_every_number_as_float32_and_are_json(key: str):
    shown = picture(key)
    data = shown.data(2, 1)
    count = sum(series["units"] for series in data["series"]) * STEPS
    assert len(data["numbers"]) == 4 * math.ceil(4 * count / 3)
    assert json.loads(json.dumps(data))["sentences"] == [shown.sentence(step, 1) for step in range(STEPS)]
    assert {base(name) for name in data["written"]} >= {*EVERY[key].states}


def test_a_long_reading_is_sent_around_the_chosen_step():
    shown = picture("gru")
    values = {name: np.zeros((3000, 64), dtype=np.float32) for name in shown.values}
    long = Picture(shown.circuit, values, Tokens.numbered(3000))
    first, end = long.window(2000)
    assert 0 < first <= 2000 < end < 3000
    assert long.window(0)[0] == 0
    assert long.window(2999)[1] == 3000
    assert len(long.data(2000, None)["tokens"]) == end - first


def test_the_saved_page_holds_no_text_as_markup_and_needs_no_network():
    shown = picture("lstm")
    page = to_page(shown.data(0, None) | {"cell": "</script><b>"}, "<i>", "<u>", ("", "export class CellDrawing {}"))
    assert "</script><b>" not in page
    assert "<i>" not in page
    assert "<u>" not in page
    assert not re.search(r"(src|href)=.https?:", page)


def test_the_table_holds_every_quantity_of_every_unit_once():
    shown = picture("gru")
    table = shown.table()
    assert not table.duplicated(["step", "quantity", "unit"]).any()
    row = table[(table.step == 2) & (table.quantity == "update_gate") & (table.unit == 3)]
    assert row.value.item() == shown.values["update_gate"][1, 3]


@pytest.mark.parametrize("latex", ["{a} ? {b}", "({a}", r"\sin{a}", "{a} {b}", ""])
def test_a_formula_that_cannot_be_read_is_refused_with_a_sentence(latex: str):
    with pytest.raises(ValueError, match="formula: expected"):
        parse(latex)


def test_functions_fractions_and_signs_of_a_formula_are_computed():
    values = {"a": np.array([1.0, -2.0]), "b": np.array([2.0, 4.0])}
    node = parse(r"\frac{{a}}{{a} + {b}} \cdot {b} - \max(0, {a}) + \tanh(-{a}) / 2")
    a, b = values["a"], values["b"]
    wanted = a / (a + b) * b - np.maximum(a, 0.0) + np.tanh(-a) / 2
    np.testing.assert_allclose(evaluate(node, values), wanted)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ({"step": 3}, Stepped(3)),
        ({"unit": 2}, UnitChosen(2)),
        ({"all": True}, UnitChosen(None)),
        ({"open": "update_gate", "step": 1, "unit": 0}, Opened("update_gate", 1, 0)),
        ({"open": "nothing", "step": 1, "unit": 0}, None),
        ({"step": 99}, None),
        ({"unit": 99}, None),
        ({"unit": True}, None),
        ("x", None),
        (None, None),
    ],
)
def test_only_what_can_have_happened_is_taken_from_the_browser(sent: object, meant: object):
    assert _event(sent, picture("gru").data(0, None)) == meant


@every_cell
def test_gates_and_states_have_their_own_colour_scales(key: str):
    scales = picture(key).data(0, None)["scales"]
    for part in EVERY[key].parts:
        gate = quantity(part.key).low == 0.0 and quantity(part.key).high == 1.0
        assert scales[part.key]["palette"] == ("gate" if gate else "signed")
