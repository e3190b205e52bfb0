"""Is what was written right? A column of references beside it: BLEU, chrF, ROUGE-L, slices, and the worst rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from core_models.language import mark, say, say_n, together
from pretrained.analysis.labelled import text_of
from pretrained.analysis.measured import Measured
from pretrained.analysis.written import SAME, Judged, judge
from pretrained.task import InputError
from viz import inputs, params
from viz.batch.job import Job
from viz.batch.labels import cells_of
from viz.batch.slices import Ground, ground_of, show_slices
from viz.cards import save_table
from viz.kept import Latest
from viz.markdown import escape
from viz.params import Param
from viz.translate.controls import REFERENCE, SECTION

COLUMN = Param("batch-references", public=False)
USUAL = ("reference", "references", "target", "translation", "gold", "summary", "answer", "label", "french", "fr",
         "chinese", "zh")  # fmt: skip
"""Names of columns that hold references more often than not."""

MOST_ROWS, MOST_SHOWN = 10_000, 200
"""Rows that are scored, and those that are listed."""

MEANT = {
    "BLEU": mark("words and pairs, threes and fours of them that the reference has too"),
    "chrF": mark("characters and up to six in a row that it has too: near misses count"),
    "ROUGE-L": mark("words that both have in the same order, as summaries are scored"),
    SAME: mark("rows whose whole text is the reference, but for capitals and blanks"),
}
"""What each measure counts."""

SCORE, VALUE, COUNTED = mark("score"), mark("value"), mark("what it counts")
WRITTEN, WANTED = mark("written"), mark("reference text")


@dataclass(eq=False)
class Held:
    """A finished run beside one column of references."""

    judged: Judged
    ground: Ground


HELD = Latest[Held]("batch written judged")


def offer(job: Job, table: pa.Table) -> None:
    """Everything about references, where the model writes and the file may hold some."""
    names = job.others.column_names
    if not names or job.model.task.kind != "translation":
        return
    table = table.slice(0, MOST_ROWS)
    usual = next((name for name in names if name.casefold() in USUAL), "")
    with st.container(width=360):
        options = {"": say("none"), **{name: name for name in names}}
        column = params.choose(say("Column with the references"), COLUMN, options,
                               default=usual if params.held(COLUMN) is None else "")  # fmt: skip
    if not column:
        return
    try:
        held = HELD.made((job, column), lambda: _judge(job, table, column))
    except InputError as error:
        st.info(escape(str(error)), icon=":material/label_off:")
        return
    _show_scores(held.judged, len(table))
    show_slices(held.ground, table.filter(pa.array(held.judged.counted))["text"].to_pylist())
    _show_worst(job, table, column, held.judged)


def _judge(job: Job, table: pa.Table, column: str) -> Held:
    with st.spinner(say("Scoring")):
        judged = judge(table["translation"].to_pylist(), cells_of(job, column, len(table)))
    measured = Measured.alone(judged.chrf)
    return Held(judged, ground_of(job, table, column, judged.counted, measured, "chrF", "%.1f"))


def _score_table(judged: Judged) -> pd.DataFrame:
    return pd.DataFrame(
        {
            say(SCORE): say(each.name),
            say(VALUE): each.value,
            say("from"): each.low,
            say("to"): each.high,
            say(COUNTED): say(MEANT[each.name]),
        }
        for each in judged.scores
    )


def _show_scores(judged: Judged, rows: int) -> None:
    table = _score_table(judged)
    forms = {name: st.column_config.NumberColumn(format="%.1f") for name in list(table)[1:4]}
    st.markdown(say("**How near to the references?**"))
    st.dataframe(table, hide_index=True, column_config=forms, alt=say("Scores of what was written"))
    count, missing = int(judged.counted.sum()), int((~judged.counted).sum())
    said = [
        say_n("Over {n:,} row, each from 0 to 100, lower-cased; from and to are the 95% interval.",
              "Over {n:,} rows, each from 0 to 100, lower-cased; from and to are the 95% interval.", count),
        say("BLEU by sacrebleu: {signature}.", signature=judged.signature),
    ]  # fmt: skip
    if missing:
        said.append(say_n("{n:,} row has no reference, or was not read.",
                          "{n:,} rows have no reference, or were not read.", missing))  # fmt: skip
    if rows == MOST_ROWS:
        said.append(say("The first {n:,} rows are scored.", n=MOST_ROWS))
    st.caption(escape(together(*said)))
    save_table("references", "scores", partial(_score_table, judged))


def tabulate(job: Job, table: pa.Table, column: str, judged: Judged) -> pd.DataFrame:
    """The rows that were scored, the worst first."""
    rows = table.filter(pa.array(judged.counted))
    wanted = np.array(cells_of(job, column, len(table)), dtype=object)[judged.counted]
    found = pd.DataFrame({
        say("line"): rows["line"].to_pylist(),
        "chrF": judged.chrf,
        say("text"): rows["text"].to_pylist(),
        say(WRITTEN): rows["translation"].to_pylist(),
        say(WANTED): [text_of(cell) for cell in wanted],
    })  # fmt: skip
    return found.sort_values("chrF", kind="stable", ignore_index=True)


def _show_worst(job: Job, table: pa.Table, column: str, judged: Judged) -> None:
    """The rows that are farthest from their references, each of which opens on Translate."""
    st.markdown(say("**Farthest from the reference**"))
    rows = tabulate(job, table, column, judged).head(MOST_SHOWN)
    event = st.dataframe(
        rows, hide_index=True, key="batch-worst", on_select="rerun", selection_mode="single-row",
        column_config={"chrF": st.column_config.NumberColumn(format="%.1f")}, height=min(300, 37 * (len(rows) + 1)),
        alt=say("The rows that are farthest from their references"),
    )  # fmt: skip
    picked = event["selection"]["rows"]
    if picked and picked[0] < len(rows):
        row = rows.iloc[picked[0]]
        query = {
            inputs.MODEL: job.model.recipe.key,
            inputs.TEXT: inputs.in_url(str(row.iloc[2])[: job.model.task.characters]),
            SECTION: "reference",
            REFERENCE: str(row.iloc[4]),
        }
        params.link("app_pages/translate.py", say("Open it beside its reference"), ":material/translate:", query)
    else:
        st.caption(say("Tick a row on its left to open it beside its reference."))
    save_table("worst", f"references-{job.model.recipe.key}", partial(tabulate, job, table, column, judged))
