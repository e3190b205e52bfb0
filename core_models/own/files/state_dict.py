"""Which recurrences a state_dict holds, by the names that torch gives their weights and by their shapes.

W_ih has one block of rows for each gate, W_hh one column for each unit: 1, 3 or 4 blocks tell an Elman network, a GRU
and an LSTM apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor, nn

from core_models.language import say
from core_models.own.kernel import module_of
from core_models.own.traced import TOLERANCE, OwnError

NAME = re.compile(
    r"^(?:(?P<path>.*)\.)?(?P<part>weight_ih|weight_hh|bias_ih|bias_hh|weight_hr)(?P<place>_l\d+(?:_reverse)?)?$"
)
ORDER = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
KERNEL = {1: "rnn_tanh", 3: "gru", 4: "lstm"}


def read_state_dict(tensors: Mapping[str, Tensor], file: str) -> dict[str, nn.Module]:
    """Every recurrence by its path in the model.

    Raises:
        OwnError: if there is none, or one is not whole.
    """
    held: dict[str, dict[str, dict[str, Tensor]]] = {}
    for key, values in tensors.items():
        if found := NAME.match(key):
            place = found["place"] or "_l0"
            held.setdefault(found["path"] or "", {}).setdefault(place, {})[found["part"]] = values
    if not held:
        names = ", ".join(list(tensors)[:4]) or "nothing"
        raise OwnError(
            say(
                "{file}: expected weights of a recurrence, such as rnn.weight_ih_l0, got {names}; save the "
                "state_dict of the whole model",
                file=file,
                names=names,
            )
        )
    return {path: _module(places, f"{file}: {path or 'the recurrence'}") for path, places in held.items()}


def _module(places: Mapping[str, Mapping[str, Tensor]], where: str) -> nn.Module:
    both = any(place.endswith("_reverse") for place in places)
    ways = ("", "_reverse") if both else ("",)
    layers = len(places) // len(ways)
    wanted = [f"_l{depth}{way}" for depth in range(layers) for way in ways]
    if set(wanted) != set(places):
        raise OwnError(
            say(
                "{where}: expected layers {wanted}, got {sorted}",
                where=where,
                wanted=", ".join(wanted),
                sorted=", ".join(sorted(places)),
            )
        )
    parts = {tuple(part for part in ORDER if part in place) for place in places.values()}
    if len(parts) != 1 or not {"weight_ih", "weight_hh"} <= set(next(iter(parts))):
        raise OwnError(say("{where}: expected the same weights in every layer, W_ih and W_hh among them", where=where))
    (keys,) = parts
    flat = tuple(places[place][key] for place in wanted for key in keys)
    for values in flat:
        if values.dtype not in TOLERANCE or not values.isfinite().all():
            raise OwnError(
                say("{where}: expected finite weights in floating point, got {dtype}", where=where, dtype=values.dtype)
            )
    w_x, w_h = flat[0], flat[1]
    units = places[wanted[0]]["weight_hr"].shape[-1] if "weight_hr" in keys else w_h.shape[-1]
    blocks = len(w_x) / max(units, 1)
    if blocks not in KERNEL:
        raise OwnError(
            say(
                "{where}: expected 1, 3 or 4 blocks of {units} rows, got {n} rows", where=where, units=units, n=len(w_x)
            )
        )
    try:
        return module_of(KERNEL[int(blocks)], flat, "bias_ih" in keys, layers, both)
    except (RuntimeError, ValueError, IndexError, TypeError):
        shapes = ", ".join(str(list(values.shape)) for values in flat)
        raise OwnError(
            say("{where}: expected weights that fit each other, got shapes {shapes}", where=where, shapes=shapes)
        ) from None
