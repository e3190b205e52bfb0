"""Translators compared: what each wrote, where they part, how probable each finds each text, and where each looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core_models.encoded import Encoded
from core_models.heads.written import OUTPUT
from core_models.language import say
from core_models.networks.translation import ATTENTION, parting_step
from core_models.trace import Trace
from pretrained.families.translation.trained import TrainedTranslator
from pretrained.registry import other_seed
from pretrained.task import Given
from pretrained.training.untrained import untrained
from viz import session
from viz.cards import Card, Origin, save_table, show, show_notices
from viz.compare.baselines import read, written_shuffled, written_untrained
from viz.compare.sides import no_seed, seed_of, title_of
from viz.figures.parts.tables import tabulate_matrix
from viz.figures.parts.written import plain
from viz.figures.trace import head_summary
from viz.kinds.translation import spelled
from viz.linked_plot import linked_text
from viz.markdown import escape

ABREAST = 4
"""Texts that stand beside each other."""


@dataclass(frozen=True, eq=False)
class Writer:
    """One network and one source, with what it wrote.

    Attributes:
        name: on screen.
        model: the network.
        encoded: the source, with what was written.
        trace: everything inside.
    """

    name: str
    model: TrainedTranslator
    encoded: Encoded
    trace: Trace

    @property
    def ids(self) -> tuple[int, ...]:
        """Ids of what it wrote."""
        return self.trace.tokens.numbers

    def likes(self, ids: Sequence[int]) -> float:
        """Mean log-probability of a target for its source, in nats a token."""
        return self.model.write(self.encoded, ids).log_probability / len(ids)


def writers_of(keys: Sequence[str], givens: Sequence[Given], names: Sequence[str]) -> list[Writer]:
    """Networks with their sources.

    Raises:
        InputError, ModelError: as ``viz.session.traced``.
    """
    return [
        Writer(name, session.model(key), *read(key, given))
        for key, given, name in zip(keys, givens, names, strict=True)
    ]


def writers_beside(
    keys: Sequence[str], givens: Sequence[Given], names: Sequence[str], baseline: str, seed: int
) -> tuple[list[Writer], str]:
    """The baseline of each writer, and a sentence that says why one is missing, or "".

    Raises:
        InputError, ModelError: as ``viz.session.traced``.
    """
    rows = list(zip(keys, givens, names, strict=True))
    match baseline:
        case "untrained":
            return [
                Writer(say("{name}, untrained", name=name), untrained(key), *written_untrained(key, given))
                for key, given, name in rows
            ], ""
        case "shuffled":
            return [
                Writer(
                    say("{name}, shuffled in order {seed}", name=name, seed=seed),
                    session.model(key),
                    *written_shuffled(key, given, seed),
                )
                for key, given, name in rows
            ], ""
        case "seed":
            found = [(other, given, say("{name}, {place}", name=name, place=seed_of(other)))
                     for key, given, name in rows if (other := other_seed(key))]  # fmt: skip
            missing = no_seed([title_of(key) for key in dict.fromkeys(keys) if not other_seed(key)])
            return writers_of(*zip(*found, strict=True)) if found else [], missing
    return [], ""


def show_writers(writers: Sequence[Writer]) -> None:
    """What each wrote, where they part, how probable each finds each text, and where each looked."""
    show_notices(dict.fromkeys(notice for one in writers for notice in one.encoded.notices))
    partings = [parting_step(writers[0].ids, one.ids) for one in writers]
    for column, one, parting in zip(_columns(len(writers)), writers, partings, strict=True):
        with column:
            _show_text(one, parting)
    for one, parting in zip(writers[1:], partings[1:], strict=True):
        st.markdown(_say(writers[0], one, parting))
    if len(writers) > 1:
        _show_scores(writers)
    attending = [one for one in writers if (ATTENTION, "attention_weights") in one.trace]
    for column, one in zip(_columns(len(attending)), attending, strict=True):
        with column:
            _show_alignment(one)


def _columns(count: int) -> list[DeltaGenerator]:
    """So many places, at most ``ABREAST`` beside each other."""
    rows = [min(ABREAST, count - start) for start in range(0, count, ABREAST)]
    return [column for width in rows for column in st.columns(width)]


def _show_text(one: Writer, parting: int | None) -> None:
    task = one.model.task
    text, spans = spelled(task.target, one.ids, task.copied(one.encoded.tokens.text))
    chances = one.trace.array(OUTPUT, "chosen_probability").tolist()
    said = say("probability {chance:.1%}")
    st.caption(escape(one.name))
    linked_text(
        text, spans, key=f"written-{one.name}", group=f"written-{one.name}",
        marks=["parting" if step == parting else "" for step in range(len(spans))],
        notes=[said.format(chance=chance) for chance in chances],
    )  # fmt: skip


def _say(first: Writer, other: Writer, parting: int | None) -> str:
    """Where two texts part, and how sure each was there."""
    names = say("{first} and {other}", first=f"**{escape(first.name)}**", other=f"**{escape(other.name)}**")
    if parting is None:
        return say("{names} write the same.", names=names)
    said = [say("{name} writes {what}", name=escape(one.name), what=_at(one, parting)) for one in (first, other)]
    return say(
        "{names} part at token {step}, underlined in pink: {said}.",
        names=names,
        step=parting + 1,
        said=say(", ").join(said),
    )


def _at(one: Writer, step: int) -> str:
    if step >= len(one.ids):
        return say("nothing more")
    chance = float(one.trace.array(OUTPUT, "chosen_probability")[step])
    return f"“{escape(one.trace.tokens.labels[step])}” (p = {chance:.3f})"


def scores_of(writers: Sequence[Writer]) -> pd.DataFrame:
    """Mean log-probability that each gives to each text, in nats a token; one row a text, one column a writer."""
    table = {one.name: [one.likes(other.ids) for other in writers] for one in writers}
    by = say("written by")
    return pd.DataFrame({by: [one.name for one in writers], **table}).set_index(by)


def _show_scores(writers: Sequence[Writer]) -> None:
    table = scores_of(writers)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(say("**How probable each finds each text**"), width="stretch")
            save_table("written-scores", "written-scores", lambda: scores_of(writers).reset_index())
        st.table(table.map(plain), alt=say("Mean log-probability of every text by every writer"))
        st.caption(
            say(
                "Mean log-probability in nats a token, each text written by teacher forcing: "
                "rows are texts, columns who "
                "reads them. Nearer 0 is more probable; a text that its own column does not "
                "prefer was found by a search "
                "that missed a better one."
            )
        )


def _show_alignment(one: Writer) -> None:
    sources, targets = one.encoded.tokens.labels, one.trace.tokens.labels
    weights = np.mean(one.trace.array(ATTENTION, "attention_weights"), axis=0)
    show(Card(
        key=f"written-alignment-{one.name}", title=say("Where it looked: {name}", name=one.name),
        origin=Origin.of(one.trace),
        question=say("How much of its attention did each written token give to each source token?"),
        how_to_read=head_summary.how_to_read("mean"), figure=head_summary.draw(weights, sources, targets, "mean"),
        numbers=lambda: tabulate_matrix(weights, ("written", targets), ("source", sources), "weight"),
        alt=say("Attention from every written token to every source token"), group=f"written-{one.name}",
    ))  # fmt: skip
