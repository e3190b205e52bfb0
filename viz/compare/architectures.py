"""The table of all architectures with every seed, and what attention did for them."""

from __future__ import annotations

import streamlit as st

from pretrained.analysis.seeds import seed_table
from pretrained.registry import recipes
from viz.figures.scores.seeds import draw_seeds, judge


def show_architectures(task: str) -> None:
    """Every architecture of one task with every seed that was trained: verdict, figure, table."""
    table = seed_table(recipe for recipe in recipes("sentiment").values() if recipe.task == task)
    st.markdown(judge(table).sentence)
    st.altair_chart(draw_seeds(table), width="stretch", alt="Test accuracy of every architecture and seed")
    shown = table.drop(columns=["attends", "plain"]).assign(
        accuracies=[", ".join(f"{value:.1%}" for value in values) for values in table["accuracies"]]
    )
    percent = {
        name: st.column_config.NumberColumn(f"{name} seed" if name != "mean" else name, format="percent")
        for name in ("mean", "lowest", "highest")
    }
    st.dataframe(shown, hide_index=True, column_config=percent)
