"""How well a model does on unseen data, beside the other models of its task and simple methods."""

from __future__ import annotations

import pandas as pd

from core_models.language import say
from pretrained.recipe import Recipe
from viz.cards import Card, Origin
from viz.figures.scores.references import draw_references


def scores_card(recipe: Recipe, table: pd.DataFrame, measure: str, title: str) -> Card:
    """One bar for each row of a table.

    Args:
        recipe: of the model on the page.
        table: ``model``, a score under the name of ``measure``, and whether it is ``highlighted``.
        measure: which column is drawn.
        title: of the axis.
    """
    return Card(
        key="scores",
        title=say("Compared with other models"),
        question=say(
            "{upper}{title}, of all models of the task and of simpler methods.", upper=title[0].upper(), title=title[1:]
        ),
        figure=draw_references(table, measure, title),
        numbers=lambda: table,
        origin=Origin(recipe.key),
    )
