"""Where everything of a cell's picture stands, for one width of the page.

From left to right: what flows in, the towers of gates and candidates, the lanes on which values run past valves into
the next state. Lines below are what every tower reads; dashed lines lead from a gate to the valves that it turns.
"""

from __future__ import annotations

from viz.cell_diagram.circuit import BEFORE, INPUT, Circuit, Lane, Stage, reads_of
from viz.cell_diagram.columns import NARROW, WIDE, Columns, Size, column
from viz.cell_diagram.expression import Node, operands, product
from viz.cell_diagram.shapes import Box, Layout, Line, Number
from viz.cell_diagram.symbols import said, written

SUM_OF = "sum"

STRIP, LANE = 112.0, 48.0
"""Height of a strip on a conveyor, and distance of lanes."""

VALVE_WIDTH, VALVE_LENGTH, RADIUS = 34.0, 18.0, 9.0


def lay_out(circuit: Circuit, *, wide: bool) -> Layout:
    """The picture of a circuit, for a page that is wide or narrow."""
    return _Builder(circuit, WIDE if wide else NARROW).build()


class _Builder:
    """Places columns from left to right, then what stands in them."""

    def __init__(self, circuit: Circuit, size: Size) -> None:
        self.circuit, self.size, self.columns = circuit, size, Columns(circuit, size)
        self.rows, self.middle = self.columns.rows, self.columns.middle
        self.grown, self.on_top, self.out = self.columns.grown, self.columns.on_top, Layout(self.columns.width)
        self.floor = max(self.rows.values()) + LANE * max(map(self.columns.lanes_below, circuit.stages)) + 54
        self.squash = self.floor + size.box + 12
        squashed = any(part.squash != "identity" for part in circuit.cell.parts)
        gated = any(part.gated_by or part.gated_inside for part in circuit.cell.parts)
        self.plus = self.squash + (48 if squashed else 16)
        self.valve_y, first = self.plus + 42, self.plus + (78 if gated else 56)
        bus = [name for name in circuit.sources if name not in self.on_top]
        read = {name for part in circuit.cell.parts for name in reads_of(part)}
        rows = [*(name for name in self.on_top if name in read), *circuit.peeked, *bus]
        self.bus = {name: first + size.bus * place for place, name in enumerate(rows)}
        self.at: dict[str, tuple[float, float]] = {}

    # -- what stands in them -------------------------------------------------------------------------------------------

    def build(self) -> Layout:
        """Everything, from left to right."""
        for name in self.circuit.sources:
            self._source(name)
        for key in self.circuit.parts:
            self._tower(key)
        for stage in self.circuit.stages:
            self._stage(stage)
        self._buses()
        self.out.height = max(self.bus.values()) + 38
        return self.out

    def _strip(self, name: str, x: float, y: float, height: float) -> None:
        size = self.size
        self.out.boxes.append(
            Box(name, "strip", x - size.strip / 2, y - height / 2, size.strip, height, (name,), written(name),
                ["of", name], "" if name.startswith(BEFORE) or name == INPUT else name)
        )  # fmt: skip
        self.at[name] = (x + size.strip / 2, y)

    def _source(self, name: str) -> None:
        x = max(12.0, self.middle["source", ""] * (1.1 if self.size.wide else 0.75))
        if name in self.on_top:
            y = self.rows[self.on_top[name]]
            self._strip(name, x, y, STRIP)
            self._number(x, y + STRIP / 2 + 14, "middle", name, ["of", name])
        else:
            y = self.bus[name]
            self._strip(name, x, y, LANE - 20)

    def _tower(self, key: str) -> None:
        """Box with the units, function, sum, and what is read into it."""
        part, x, size = self.circuit.parts[key], self.middle["tower", key], self.size
        width = size.tower * min(self.grown, 1.25) - (14 if size.wide else 5)
        kind = "gate" if part.squash == "sigmoid" else "candidate"
        self.out.boxes.append(
            Box(key, kind, x - width / 2, self.floor, width, size.box, (key,), written(key), ["of", key], key)
        )
        self.at[key] = (x, self.floor)
        inside = min(width, 64.0 if size.wide else 44.0)
        total: Node = ["of", f"{SUM_OF}:{key}"]
        name = {"sigmoid": "σ", "log_sigmoid": "ln σ", "tanh": "tanh", "identity": ""}[part.squash]
        if name:
            self.out.boxes.append(
                Box(f"squash:{key}", "squash", x - inside / 2, self.squash, inside, 32, (key,), name, total, key)
            )
            self._line("link", f"M{x} {self.plus - RADIUS}V{self.squash + 32}", (key,))
            self._line("link", f"M{x} {self.squash}V{self.floor + size.box}", (key,))
        else:
            self._line("link", f"M{x} {self.plus - RADIUS}V{self.floor + size.box}", (key,))
        reads = [(INPUT, f"{SUM_OF}:{key}:{INPUT}", -1)]
        if part.reads:
            reads.append((part.reads, f"{SUM_OF}:{key}:state", 1))
        if part.peeks:
            reads.append((part.peeks, f"{SUM_OF}:{key}:peephole", 0))
        self._sign(f"plus:{key}", "+", x, self.plus, (key,), key)
        for name, series, side in reads:
            self._read(key, name, series, x + side * 10)
        gate = part.gated_by or part.gated_inside
        if gate:
            self._valve(f"valve:{key}", ["of", gate], x + 10, self.valve_y, (key, gate), upright=True)
            self._turn(gate, x + 10 - VALVE_WIDTH / 2, self.valve_y)

    def _read(self, key: str, name: str, series: str, x: float) -> None:
        y, names = self.bus[name], (key, name)
        self._line("read", f"M{x} {y}V{self.plus + 6}", names, ["of", series])
        after = self.plus + 25 if name == self.circuit.parts[key].reads else y - 24
        beside = (x - 9, "end") if name == INPUT else (x + 9, "start")
        place, anchor = beside if self.size.wide else (x, "middle")
        self._number(place, after, anchor, key, ["of", series])

    def _turn(self, gate: str, x: float, y: float) -> None:
        """The line from a gate's box to a valve on what another tower reads."""
        gx, box = self.middle["tower", gate], self._box(gate)
        side = 1 if x > gx else -1
        edge = box.x + box.width if side > 0 else box.x
        lane = edge + side * (7 if self.size.wide else 2.5)
        end = x if side > 0 else x + VALVE_WIDTH
        self._line("control", f"M{edge} {box.y + box.height / 2}H{lane}V{y}H{end}", (gate,))

    def _stage(self, stage: Stage) -> None:
        top = self.columns.top(stage)
        y, joined = self.rows[stage.state], len(stage.lanes) > 1
        strip = self.middle["state", stage.state]
        plus = self.middle.get(("plus", stage.state), strip)
        below, number = y, 0
        for lane in stage.lanes:
            if lane is not top and joined:
                number += 1
                below = y + LANE * number + 22
            self._lane(stage, lane, y if lane is top or not joined else below, plus - RADIUS if joined else None)
        if joined:
            self._sign(f"plus:{stage.state}", "+", plus, y, (stage.state,), stage.state)
            self._lane_line((plus + RADIUS, y), (strip - self.size.strip / 2, y), stage.state, ["of", stage.state])
        self._strip(stage.state, strip, y, STRIP)
        self._number(strip, y + STRIP / 2 + 14, "middle", stage.state, ["of", stage.state])

    def _lane(self, stage: Stage, lane: Lane, y: float, join: float | None) -> None:
        """One lane at height ``y``; it ends at the sum, or where there is none at the state."""
        flow, state = lane.value, stage.state
        end = self.middle["state", state] - self.size.strip / 2 if join is None else join
        x, y_from = self._start(lane, y)
        stops: list[tuple[float, str, Node]] = [(self._valve_x(valve, x, end), "valve", valve) for valve in lane.valves]
        if lane.function:
            stops.append((self.middle["function", column(stage, lane.value)], "function", lane.value))
            flow = lane.value[1]
        stops += [(self.columns.times(stage, factor), "times", factor) for factor in lane.times]
        names = tuple(operands(lane.whole))
        reach = min(22.0 if self.size.wide else 15.0, self.size.function * self.grown / 2 - 2)
        for number, (stop, kind, node) in enumerate(sorted(stops, key=lambda each: each[0])):
            half = {"valve": VALVE_LENGTH / 2, "function": reach, "times": RADIUS}[kind]
            self._lane_line((x, y_from), (stop - half, y), names[0], flow)
            if kind == "valve":
                self._valve(f"valve:{state}:{stage.lanes.index(lane)}:{number}", node, stop, y, operands(node))
                self._control(node, stop, y)
            elif kind == "function":
                name = {"relu": "max(0, ·)", "sigma": "σ"}.get(str(node[0]), str(node[0]))
                box = Box(f"{node[0]}:{state}", "squash", stop - half, y - 13, 2 * half, 26, (*names, state), name)
                self.out.boxes.append(box)
                for place, joined in enumerate(lane.joined):
                    self._join(joined, stop + 8 * (place - (len(lane.joined) - 1) / 2), y, 13.0)
            else:
                self._times(state, node, stop, y)
            flow = node if kind == "function" else product([flow, node])
            x, y_from = stop - half if kind == "valve" else stop + half, y
        if join is None:
            self._lane_line((x, y_from), (end, y), names[0], flow)
        elif y == self.rows[state]:
            self._lane_line((x, y_from), (join, y), names[0], flow)
            spot = ((x + join) / 2 + 8, y - 14, "middle") if self.size.wide else (join + RADIUS, y - 15, "middle")
            self._number(*spot, names[0], lane.whole)
        else:
            turn = join + RADIUS
            up = self.rows[state] + RADIUS
            path = f"M{x} {y}H{turn - 10}Q{turn} {y} {turn} {y - 10}V{up}"
            self._line("lane", path, names, flow)
            spot = (turn - 4, y + 22, "end") if self.size.wide else (turn, y + 31, "middle")
            self._number(*spot, names[0], lane.whole)

    def _start(self, lane: Lane, y: float) -> tuple[float, float]:
        """Where a lane comes from: a strip at its own height, or a tower or bus below it."""
        name = lane.source
        if ("tower", name) in self.middle or ("entry", name) in self.middle:
            x = self.middle.get(("tower", name)) or self.middle["entry", name]
            low = self.floor if ("tower", name) in self.middle else self.bus[name]
            self._line("lane", f"M{x} {low}V{y + 12}Q{x} {y} {x + 12} {y}", (name,), ["of", name])
            return x + 12, y
        x, low = self.at[name]
        if low == y:
            return x, y
        turn, side = x + 12, 12 if y > low else -12
        self._line("lane", f"M{x} {low}Q{turn} {low} {turn} {low + side}V{y - side}Q{turn} {y} {turn + 12} {y}",
                   (name,), ["of", name])  # fmt: skip
        return turn + 12, y

    def _join(self, name: str, x: float, y: float, half: float) -> None:
        """A line from a tower or a strip to something that stands at a lane and reaches ``half`` to either side."""
        if ("tower", name) in self.middle:
            gx = self.middle["tower", name]
            bend = f"V{self.floor - 22}H{x}" if gx != x else ""
            self._line("lane", f"M{gx} {self.floor}{bend}V{y + half}", (name,), ["of", name])
            return
        fx, fy = self.at[name]
        side = 10 if fy < y else -10
        end = y - half if fy < y else y + half
        self._line("lane", f"M{fx} {fy}H{x - 10}Q{x} {fy} {x} {fy + side}V{end}", (name,), ["of", name])

    def _valve_x(self, valve: Node, start: float, end: float) -> float:
        """Above the tower of its gate where the lane passes there, else in the middle of the lane."""
        for name in operands(valve):
            x = self.middle.get(("tower", name), -1.0)
            if start + VALVE_LENGTH <= x <= end - VALVE_LENGTH / 2:
                return x
        made = [self.at[name][0] + 2 * VALVE_LENGTH for name in operands(valve) if name in self.circuit.cell.made]
        return min(max([(start + end) / 2, *made]), end - VALVE_LENGTH / 2)

    def _valve(
        self, key: str, node: Node, x: float, y: float, names: tuple[str, ...], *, upright: bool = False
    ) -> None:
        across, along = VALVE_WIDTH if self.size.wide or not upright else 24.0, VALVE_LENGTH
        width, height = (across, along) if upright else (along, across)
        gates = [name for name in names if name in self.circuit.cell.computed]
        self.out.boxes.append(
            Box(key, "valve", x - width / 2, y - height / 2, width, height, names, said(node), node,
                gates[-1] if gates else "", upright)
        )  # fmt: skip

    def _control(self, node: Node, x: float, y: float) -> None:
        for name in operands(node):
            if ("tower", name) in self.middle:
                gx = self.middle["tower", name]
                bend = f"V{self.floor - 12}H{x}" if gx != x else ""
                self._line("control", f"M{gx} {self.floor}{bend}V{y + VALVE_WIDTH / 2}", (name,))
            elif name in self.circuit.cell.made:
                sx, sy = self.at[name]
                edge = y - VALVE_WIDTH / 2 if sy < y else y + VALVE_WIDTH / 2
                self._line("control", f"M{sx} {sy}H{x}V{edge}", (name,))

    def _times(self, state: str, node: Node, x: float, y: float) -> None:
        """A sign of multiplication, and what comes to it: a box of its own, or a state further left."""
        divides, name = node[0] == "/", operands(node)[0]
        self._sign(f"times:{state}:{name}", "÷" if divides else "×", x, y, (name, state), state)
        if ("tower", name) in self.middle or name in self.at:
            self._join(name, x, y, RADIUS)
            return
        width = self.size.tower * 0.85 * min(self.grown, 1.2) - 4
        self.out.boxes.append(
            Box(name, "gathered", x - width / 2, self.floor, width, self.size.box, (name,), written(name),
                ["of", name], name)
        )  # fmt: skip
        self._line("lane", f"M{x} {self.floor}V{y + RADIUS}", (name,), ["of", name])

    def _buses(self) -> None:
        """What every tower reads, below them, as far to the right as somebody reads it."""
        for name, y in self.bus.items():
            readers = [
                self.middle["tower", part.key] + (-10 if name == INPUT else 10 if name == part.reads else 0)
                for part in self.circuit.cell.parts
                if name in (INPUT, *reads_of(part))
            ]
            entries = [self.middle["entry", name]] if ("entry", name) in self.middle else []
            if not (readers or entries):
                continue
            x, start = self.at[name]
            end = max(readers + entries)
            if name in self.on_top or name in self.circuit.peeked:
                branch = x + (22 if self.size.wide else 9)
                down = f"M{x} {start}H{branch - 8}Q{branch} {start} {branch} {start + 8}V{y - 10}"
                path = f"{down}Q{branch} {y} {branch + 10} {y}H{end}"
            else:
                path = f"M{x} {y}H{end}"
            self._line("bus", path, (name,), ["of", name])

    # -- small things --------------------------------------------------------------------------------------------------

    def _box(self, key: str) -> Box:
        return next(box for box in self.out.boxes if box.id == key)

    def _sign(self, key: str, text: str, x: float, y: float, names: tuple[str, ...], opens: str) -> None:
        box = Box(key, "sign", x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS, names, text, None, opens)
        self.out.boxes.append(box)

    def _line(self, kind: str, path: str, names: tuple[str, ...], node: Node | None = None) -> None:
        self.out.lines.append(Line(kind, path, names, node))

    def _lane_line(self, start: tuple[float, float], end: tuple[float, float], name: str, node: Node) -> None:
        self._line("lane", f"M{start[0]} {start[1]}L{end[0]} {end[1]}", (name,), node)

    def _number(self, x: float, y: float, anchor: str, name: str, node: Node) -> None:
        self.out.numbers.append(Number(x, y, anchor, (name,), node))
