"""Which words made the answer: several methods beside each other, and how far each can be trusted."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st
import torch

from core_models.explain.attribution.opinions import METHODS, Opinions, collect, compare_ranks
from core_models.explain.memory.logit_split import split_logit
from pretrained.data.tokenizer import UNKNOWN_ID
from viz import params, session
from viz.cards import Card, save_table, show
from viz.figures.explain import attribution_matrix, attribution_rows, rank_matrix
from viz.figures.explain.attribution_rows import MethodRow
from viz.figures.parts.tables import tabulate_matrix
from viz.params import Param
from viz.run import ModelRun

BASELINES = {"unknown": "an unknown word", "zero": "nothing (zeros)"}
COEFFICIENTS = {"kendall": "Kendall's τ", "spearman": "Spearman's ρ"}
BASELINE, COEFFICIENT = Param("baseline", BASELINES), Param("rank", COEFFICIENTS)
KEPT = 64
MOST_TOKENS = 100
"""Tokens up to which all methods run: sampling reads the text some hundred times for every token."""


@st.cache_resource(max_entries=KEPT, show_spinner="Asking every method …")
def opinions(model: str, text: str, baseline: str) -> Opinions:
    """What every method says of a text; computed once for everybody."""
    loaded = session.model(model)
    reading, _ = session.traced(model, text)
    table = loaded.network.embedding.weight.detach()
    x = table[torch.tensor(reading.ids, device=table.device)]
    gone = table[UNKNOWN_ID] if baseline == "unknown" else torch.zeros_like(table[0])
    return collect(loaded.network, x, gone)


def show_attribution(asked: ModelRun) -> None:
    """Methods on the token axis, how much they agree, how far they can be trusted, and the answers on the way."""
    st.markdown(
        "**What is asked:** how much did each word give to the answer? There is more than one honest way to ask, and "
        "the ways differ; each compares the sentence with one in which words are *gone*."
    )
    baseline = params.choose("A word that is gone becomes", BASELINE, pills=True)
    if len(asked.trace) > MOST_TOKENS:
        st.info(
            f"These methods read the text again thousands of times; shorten it to {MOST_TOKENS} tokens "
            f"(it has {len(asked.trace)}).",
            icon=":material/content_cut:",
        )
        return
    found = opinions(asked.model.recipe.key, asked.text, baseline)
    rows = rows_of(found) + ledger_rows(asked)
    _show_rows(asked, found, rows, baseline)
    left, right = st.columns(2)
    with left:
        _show_ranks(asked, rows)
    with right:
        _show_quality(asked, found)
    _show_matrix(asked, found)


def rows_of(found: Opinions) -> list[MethodRow]:
    """Every method's row, and attention's where the network attends."""
    rows = [MethodRow(METHODS[key].name, one.shares) for key, one in found.by_method.items()]
    if found.attention is not None:
        rows.append(MethodRow("attention", found.attention, signed=False, unit="(attention weight)"))
    return rows


def ledger_rows(asked: ModelRun) -> list[MethodRow]:
    """The ledger's split of the logit, where the network has one: bookkeeping, not cause."""
    split = split_logit(asked.model.network, asked.trace, len(asked.trace) - 1)
    return [] if split is None else [MethodRow("ledger", split.tokens)]


def _show_rows(asked: ModelRun, found: Opinions, rows: Sequence[MethodRow], baseline: str) -> None:
    classes = asked.model.task.classes
    labels = asked.trace.tokens.labels
    show(Card(
        key="attribution-rows", title="Methods beside each other", origin=asked.origin,
        question="How much did each word give to the answer, by each method?",
        how_to_read=f"The whole sentence gets a logit of {found.logit:+.3f}, one in which every word is "
        f"{BASELINES[baseline]} {found.baseline_logit:+.3f} (above 0 is {classes[1]}): the words' shares explain the "
        f"difference, {found.logit - found.baseline_logit:+.3f}. {attribution_rows.how_to_read(rows, classes)}",
        figure=attribution_rows.draw(rows, labels), numbers=lambda: attribution_rows.numbers(rows, labels),
        alt="Share of every token in the answer by every method",
    ))  # fmt: skip
    with st.expander("What each method does", icon=":material/info:"):
        said = [f"- **{method.name}**: {method.how}." for method in METHODS.values()]
        if found.attention is not None:
            said.append(
                "- **attention**: the weight that the word got, a mean over heads and over the steps that could "
                "look at it. It says where the network looked, not what came of it; the section “Is attention an "
                "explanation?” tests that."
            )
        if any(row.name == "ledger" for row in rows):
            said.append(
                "- **ledger**: what each word wrote into the memory that the readout reads, gates and weights as "
                "they were; it needs no sentence to compare with. It is bookkeeping and says nothing of cause: the "
                "section “Who wrote this memory?” shows it in full."
            )
        said.append(
            "\nAn *unknown word* is what the network reads for a word it never saw; it met many in training, so a "
            "text of them is nothing strange to it. *Zeros* are what padding holds; no word has that embedding, "
            "and what a network does there was never trained."
        )
        st.markdown("\n".join(said))


def _show_ranks(asked: ModelRun, rows: Sequence[MethodRow]) -> None:
    coefficient = params.choose("Rank correlation", COEFFICIENT, pills=True)
    matrix, names = compare_ranks({one.name: one.shares for one in rows}, coefficient), [row.name for row in rows]
    show(Card(
        key="attribution-ranks", title="Do they put the same words first?", origin=asked.origin, group="method",
        question="How alike do two methods rank the words?", how_to_read=rank_matrix.how_to_read(coefficient),
        figure=rank_matrix.draw(matrix, names, coefficient),
        numbers=lambda: tabulate_matrix(matrix, ("method", names), ("other", names), coefficient),
        alt="Rank correlations between the methods",
    ))  # fmt: skip


def quality_table(found: Opinions) -> pd.DataFrame:
    """One line a method: sum, gap, infidelity, sensitivity, as written on screen."""
    lines = [
        (METHODS[key].name, float(one.shares.sum()), one.gap, one.infidelity, one.sensitivity)
        for key, one in found.by_method.items()
    ]
    if found.attention is not None:
        lines.append(("attention", None, None, found.attention_infidelity, None))  # type: ignore[arg-type]
    written = [(name, *("–" if number is None else f"{number:.4f}" for number in numbers)) for name, *numbers in lines]
    return pd.DataFrame(written, columns=["method", "sum", "gap", "infidelity", "sensitivity"]).set_index("method")


def _show_quality(asked: ModelRun, found: Opinions) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("**How far can each be trusted?**", width="stretch")
            name = asked.origin.name("attribution-quality")
            save_table("attribution-quality", name, lambda: quality_table(found).reset_index())
        st.table(quality_table(found), alt="Sum, gap, infidelity and sensitivity of every method")
        st.caption(
            f"**Sum** and **gap**, in logits: the shares should add up to {found.logit - found.baseline_logit:+.3f}; "
            "the gap is what is missing. Integrated gradients and Shapley values promise a gap of 0 (what is left of "
            "it is the finite number of points, here 50, and rounding); the others promise nothing. **Infidelity**: "
            "256 times some words are taken out together; 0 means that their shares always added up to what then "
            "happened, 1 is what saying “no word matters” gets, and more is worse than that. Attention has no unit, "
            "so it is first multiplied by the number that suits it best. **Sensitivity**: how much the shares change, "
            "relative to themselves, when the embeddings are shaken by 5%; the worst of ten times. Sampled methods "
            "have none, "
            "because the draw itself shakes them. (Yeh et al. 2019)"
        )


def _show_matrix(asked: ModelRun, found: Opinions) -> None:
    labels = asked.trace.tokens.labels
    show(Card(
        key="attribution-matrix", title="Every answer on the way, word by word", origin=asked.origin,
        question="How much did each word give to the answer after each later word?",
        how_to_read="Each row is the answer had the text ended there, each column a word: gradient × input of that "
        "answer. Follow a column downward to see how a word's say fades, or turns, as others come. The last row is the "
        "first row of the figure above.",
        figure=attribution_matrix.draw(found.matrix, labels, labels),
        numbers=lambda: tabulate_matrix(found.matrix, ("answer", labels), ("input", labels), "gradient_x_input"),
        alt="Gradient times input of every answer by token",
    ))  # fmt: skip
