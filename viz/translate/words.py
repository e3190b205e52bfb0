"""Which source words each written token came from: attribution beside attention."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core_models.explain.attribution.ranks import kendall
from core_models.language import say
from viz.cards import Card, show
from viz.figures.explain import attribution_matrix
from viz.figures.parts.tables import tabulate_matrix
from viz.remembered import kept
from viz.session import Selection
from viz.translate.answers import Request, answer, translator, wrapped
from viz.translate.state import Screen


@kept(max_entries=64, wordless=True)
def given(asked: Request) -> NDArray[np.float32]:
    """What each source token gave to each written token, ``[target, source]``; computed once for everybody."""
    model, (reading, made) = translator(asked.model), answer(asked)
    outputs = model.outputs(replace(reading, written=made.translation.trace.tokens), made.translation.trace)
    return replace(outputs, stack=made.translation.stack).matrix("zero")


def show_words(on: Screen) -> Selection | None:
    """Gradient × input of every written token, and how far attention ranks the source tokens alike."""
    shown = on.changed or on.original
    matrix = given(wrapped(on.stack, on.asked) if on.stack else on.asked)
    compared = shown.attends and len(shown.sources) > 1
    show(Card(
        key="words-matrix", title=say("What each source token contributed to each written token"), origin=shown.origin,
        question=say("Which source tokens made each written token more or less probable?"),
        how_to_read=say("Gradient × input of the written token’s log-odds, given the tokens before it: blue made it "
        "more probable, orange less. Unlike an attention weight it has a sign, and it follows the influence through "
        "the encoder, whose states know their neighbours."),
        figure=attribution_matrix.draw(matrix, shown.sources, shown.targets, output_title=say("written token (t)"),
                                       triangular=False, label=say("gradient × input (log-odds)")),
        numbers=lambda: tabulate_matrix(matrix, ("written", shown.targets), ("source", shown.sources),
                                        "gradient_x_input"),
        alt=say("Gradient times input of every written token by source token"), group="source",
        found=_agreement(matrix, shown.weights("mean")) if compared else "",
    ))  # fmt: skip
    return None


def _agreement(matrix: np.ndarray, weights: np.ndarray) -> str:
    found = [kendall(np.abs(row), weight) for row, weight in zip(matrix, weights, strict=True)]
    same = float((np.abs(matrix).argmax(1) == weights.argmax(1)).mean())
    return say(
        "Attention and these values rank the source tokens similarly, at τ = **{found:.2f}** on "
        "average over the written tokens (1: same order, 0: none); in **{same:.0%}** of them "
        "both put the same source token first.",
        found=np.nanmean(found),
        same=same,
    )
