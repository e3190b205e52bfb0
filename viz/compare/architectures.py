"""The table of all architectures with every seed, and what attention did for them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core_models.language import mark, say
from pretrained.analysis.seeds import judge, seed_table
from pretrained.recipe import Recipe
from viz.cards import Card, Origin, show
from viz.figures.scores.seeds import draw_seeds
from viz.models import sound_recipes

COLUMNS = {"mean": mark("mean"), "lowest": mark("lowest seed"), "highest": mark("highest seed")}
"""Of the table of architectures, with their headings."""


def has_architectures(task: Any) -> bool:
    """Whether networks that attend and plain ones of the same size were trained for a task and scored by accuracy."""
    if task.kind != "classes" or not task.data:
        return False
    table = seed_table(_recipes(task))
    plain = table[table["plain"]]
    return bool(len(plain)) and bool((table["attends"] & table["size"].isin(plain["size"].tolist())).any())


def _recipes(task: Any) -> list[Recipe]:
    return [recipe for recipe in sound_recipes(task.group).values() if recipe.task == task.key]


def show_architectures(task: Any) -> None:
    """Every architecture of one task with every seed that was trained: verdict, figure, table."""
    table = seed_table(_recipes(task))
    st.markdown(judge(table).sentence)
    question = say("How well does every architecture do on test, with every seed that was trained?")
    show(Card(
        key="seeds", title=say("Every architecture, every seed"), question=question, figure=draw_seeds(table),
        numbers=lambda: table.explode("accuracies"), origin=Origin(task.key),
    ))  # fmt: skip
    shown = table.drop(columns=["attends", "plain"]).assign(
        accuracies=[", ".join(f"{value:.1%}" for value in values) for values in table["accuracies"]]
    )
    percent = {name: st.column_config.NumberColumn(say(title), format="percent") for name, title in COLUMNS.items()}
    st.dataframe(shown, hide_index=True, column_config=percent)
