"""The equations of every cell written out a second time, with NumPy, one step after the other."""

import numpy as np

from core_models.cells import Cell, Unrolled
from core_models.cells.recurrence import Recurrent


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


def softmax(e: np.ndarray) -> np.ndarray:
    powers = np.exp(e - e.max()) if len(e) else e
    return powers / powers.sum()


def matrices(module: Recurrent) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Input weights, recurrent weights and biases of every part, as NumPy arrays."""
    stacks = [module.get_parameter(name) for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0")]
    w, u, b = ([block.numpy() for block in stack.detach().split(module.hidden_size) if len(block)] for stack in stacks)
    return w, u, b


def textbook_gru(module: Recurrent, x: np.ndarray) -> list[np.ndarray]:
    (w_r, w_z, w_n), (u_r, u_z, u_n), (b_r, b_z, b_n) = matrices(module)
    h, found = np.zeros(module.hidden_size), []
    for x_t in x:
        r, z = sigmoid(w_r @ x_t + u_r @ h + b_r), sigmoid(w_z @ x_t + u_z @ h + b_z)
        h = (1 - z) * h + z * np.tanh(w_n @ x_t + u_n @ (r * h) + b_n)
        found.append(h)
    return found


def attentive(module: Recurrent, x: np.ndarray, gated: bool) -> list[np.ndarray]:
    w, u, b = matrices(module)
    assert isinstance(module, Unrolled)
    w_a, u_a, v = (getattr(module.score, name).weight.detach().numpy() for name in "wuv")
    h, found = np.zeros(module.hidden_size), []
    for x_t in x:
        e = np.array([v[0] @ np.tanh(w_a @ h_i + u_a @ h) for h_i in found])
        m = sum((share * h_i for share, h_i in zip(softmax(e), found, strict=True)), np.zeros_like(h))
        n = np.tanh(w[-1] @ x_t + u[-1] @ m + b[-1])
        z = sigmoid(w[0] @ x_t + u[0] @ h + b[0]) if gated else 1.0
        h = (1 - z) * h + z * n
        found.append(h)
    return found


def multiplied(module: Recurrent, x: np.ndarray) -> list[np.ndarray]:
    (w_r, w_z, w_n), (u_r, u_z, u_n), (b_r, b_z, b_n) = matrices(module)
    carried, found = np.zeros(module.hidden_size), []
    for t, x_t in enumerate(x):
        r = sigmoid(w_r @ x_t + u_r @ carried + b_r)
        z = sigmoid(w_z @ x_t + u_z @ carried + b_z)
        h = (1 - z) * np.tanh(w_n @ x_t + r * (u_n @ carried) + b_n) + z * carried
        found.append(h)
        keys = np.tanh(x[: t + 1] + module.get_parameter("shift").detach().numpy())
        carried = softmax(keys @ h) @ keys * h
    return found


def min_gru(module: Recurrent, x: np.ndarray) -> list[np.ndarray]:
    (w_z, w_h), (), (b_z, b_h) = matrices(module)
    h, found = np.zeros(module.hidden_size), []
    for x_t in x:
        z = sigmoid(w_z @ x_t + b_z)
        h = (1 - z) * h + z * (w_h @ x_t + b_h)
        found.append(h)
    return found


def min_lstm(module: Recurrent, x: np.ndarray) -> list[np.ndarray]:
    (w_f, w_i, w_h), (), (b_f, b_i, b_h) = matrices(module)
    h, found = np.zeros(module.hidden_size), []
    for x_t in x:
        f, i = sigmoid(w_f @ x_t + b_f), sigmoid(w_i @ x_t + b_i)
        h = (f * h + i * (w_h @ x_t + b_h)) / (f + i)
        found.append(h)
    return found


def coupled_lstm(module: Recurrent, x: np.ndarray) -> list[np.ndarray]:
    (w_f, w_g, w_o), (u_f, u_g, u_o), (b_f, b_g, b_o) = matrices(module)
    h, c, found = np.zeros(module.hidden_size), np.zeros(module.hidden_size), []
    for x_t in x:
        f, o = sigmoid(w_f @ x_t + u_f @ h + b_f), sigmoid(w_o @ x_t + u_o @ h + b_o)
        c = f * c + (1 - f) * np.tanh(w_g @ x_t + u_g @ h + b_g)
        h = o * np.tanh(c)
        found.append(h)
    return found


def peephole_lstm(module: Recurrent, x: np.ndarray) -> list[np.ndarray]:
    (w_i, w_f, w_g, w_o), (u_i, u_f, u_g, u_o), (b_i, b_f, b_g, b_o) = matrices(module)
    names = (f"peephole_{gate}_gate_l0" for gate in ("input", "forget", "output"))
    p_i, p_f, p_o = (module.get_parameter(name).detach().numpy() for name in names)
    h, c, found = np.zeros(module.hidden_size), np.zeros(module.hidden_size), []
    for x_t in x:
        i = sigmoid(w_i @ x_t + u_i @ h + p_i * c + b_i)
        f = sigmoid(w_f @ x_t + u_f @ h + p_f * c + b_f)
        c = f * c + i * np.tanh(w_g @ x_t + u_g @ h + b_g)
        h = sigmoid(w_o @ x_t + u_o @ h + p_o * c + b_o) * np.tanh(c)
        found.append(h)
    return found


def selective(module: Recurrent, x: np.ndarray) -> list[np.ndarray]:
    """Zero-order hold of ds/dt = A s + B u with A = -1, as eq. 4 of Gu & Dao 2023 has it."""
    (w_a, w_b, w_u, w_c), (), (b_a, b_b, b_u, b_c) = matrices(module)
    s, found = np.zeros(module.hidden_size), []
    for x_t in x:
        step, a = np.log1p(np.exp(-(w_a @ x_t + b_a))), -1.0
        kept = np.exp(step * a)
        written = (kept - 1.0) / (step * a) * step * (w_b @ x_t + b_b)
        s = kept * s + written * (w_u @ x_t + b_u)
        found.append((w_c @ x_t + b_c) * s)
    return found


def scalar_lstm(module: Recurrent, x: np.ndarray) -> list[np.ndarray]:
    """Eqs. 8-14 of Beck et al. 2024 as they stand, without the stabiliser, which must change nothing."""
    (w_i, w_f, w_z, w_o), (u_i, u_f, u_z, u_o), (b_i, b_f, b_z, b_o) = matrices(module)
    h, c, n, found = np.zeros(module.hidden_size), np.zeros(module.hidden_size), np.zeros(module.hidden_size), []
    for x_t in x:
        i, f = np.exp(w_i @ x_t + u_i @ h + b_i), sigmoid(w_f @ x_t + u_f @ h + b_f)
        c = f * c + i * np.tanh(w_z @ x_t + u_z @ h + b_z)
        n = f * n + i
        h = sigmoid(w_o @ x_t + u_o @ h + b_o) * c / n
        found.append(h)
    return found


BY_HAND = {
    "slstm": scalar_lstm,
    "peephole_lstm": peephole_lstm,
    "s6": selective,
    "min_gru": min_gru,
    "min_lstm": min_lstm,
    "cifg": coupled_lstm,
    "gru_reset_before": textbook_gru,
    "attentive_gru": lambda module, x: attentive(module, x, gated=True),
    "attentive_rnn": lambda module, x: attentive(module, x, gated=False),
    "multiplied_gru": multiplied,
}


SQUASHED = {"sigmoid": sigmoid, "log_sigmoid": lambda a: np.log(sigmoid(a)), "tanh": np.tanh, "identity": lambda a: a}


def declared(cell: Cell, module: Recurrent, x: np.ndarray) -> list[np.ndarray]:
    """Hidden states as the parts and formulas of a cell say, one part, unit and step after the other."""
    names = ("weight_ih_l0", "bias_ih_l0", "weight_hh_l0", "bias_hh_l0")
    stacks = [getattr(module, name).detach().split(module.hidden_size) for name in names]
    w, b, u, c = ([block.numpy() for block in stack] for stack in stacks)
    state, found = {key: np.zeros(module.hidden_size) for key in cell.states}, []
    for x_t in x:
        values, reading = {f"before_{key}": value for key, value in state.items()}, iter(zip(u, c, strict=False))
        for part, w_p, b_p in zip(cell.parts, w, b, strict=True):
            total = w_p @ x_t + b_p
            if part.reads is not None:
                u_p, c_p = next(reading)
                read = values[part.reads] * (values[part.gated_inside] if part.gated_inside else 1.0)
                total = total + (values[part.gated_by] if part.gated_by else 1.0) * (u_p @ read + c_p)
            if part.peeks is not None:
                if part.peeks not in values:
                    values[part.peeks] = computed(cell, part.peeks, values, module.hidden_size)
                total = total + module.get_parameter(f"peephole_{part.key}_l0").detach().numpy() * values[part.peeks]
            values[part.key] = SQUASHED[part.squash](total)
        for key in cell.formulas:
            values[key] = computed(cell, key, values, module.hidden_size)
        state = {key: values[key] for key in cell.states}
        found.append(state["hidden_state"])
    return found


def computed(cell: Cell, key: str, values: dict[str, np.ndarray], units: int) -> np.ndarray:
    """A state by its formula, one unit after the other."""
    each = range(units)
    return np.array([cell.formulas[key].compute({k: v[unit] for k, v in values.items()}) for unit in each])
