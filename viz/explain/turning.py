"""What would turn the answer? The smallest changes of the text after which the network says something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core_models.heads import CHOOSING
from core_models.heads.labels import TAGS
from core_models.language import mark, say, say_n
from core_models.target import Target
from pretrained.analysis.counterfactuals import WAYS, Asked, Search, Version, can_turn
from viz import params
from viz.cards import save_table
from viz.explain.pairs import offer_pairs
from viz.explain.target import OUTPUT, choices_of
from viz.figures.parts.token_axis import in_nouns, spell
from viz.inputs import compared
from viz.kept import Latest
from viz.markdown import escape
from viz.params import Param
from viz.run import ModelRun

INTO, WAY = Param("into"), Param("change", default="every")
"""The answer that is looked for, and the kinds of change that are listed."""

ANY = "any"
FOUND = Latest[Search]("turning found")

NAMES: Mapping[str, str] = {
    "delete": mark("a token left out"),
    "swap": mark("two neighbours exchanged"),
    "near": mark("a token replaced by a near one"),
    "other": mark("a token replaced by another"),
}
"""Kinds of change by key in the address; their order is that of ``WAYS``."""

DONE: Mapping[str, str] = {
    "delete": mark("“{before}” left out"),
    "swap": mark("“{before}” and “{after}” exchanged"),
    "near": mark("“{before}” replaced by its neighbour “{after}”"),
    "other": mark("“{before}” replaced by “{after}”"),
}
"""One change in words."""

SHOWN, EACH = 8, 3
"""Changed texts that are listed, and those of one kind where all kinds are."""

AROUND = 80
"""Characters of a changed text before and after what was changed."""


def can_be_turned(asked: ModelRun) -> bool:
    """Whether there is an answer to turn: one of several, about tokens that were typed."""
    return asked.given.content is None and can_turn(asked.model, asked.encoded)


def show_turning(asked: ModelRun) -> None:
    """The section: which answer, what turns it, and how the model does on pairs that differ in one word."""
    noun = asked.tokens.noun
    st.caption(in_nouns(say(
        "Each token is left out, exchanged with the next, and replaced: by its neighbours in the network’s own "
        "embedding, and by what the gradient proposes. Each changed text is really read. Where no single change turns "
        "the answer, two are tried, then three. None found is no proof that there is none.",
    ), noun))  # fmt: skip
    target = _pick_target(asked)
    begun = Asked(asked.model, target.head, target.step).begin(asked.encoded)
    into = _pick_into(asked, Target(target.head, begun.given, target.step))
    question = Asked(asked.model, target.head, target.step, into)
    key = asked.model.recipe.key, asked.given.key, target.head, target.step, into
    search = FOUND.made(key, partial(_searched, question, asked))
    st.markdown(_said(asked, search))
    ways = [way for way in WAYS if any(version.changes[-1].way == way for version in search.found)]
    if ways:
        options = {"every": say("everything")} | {way: in_nouns(say(NAMES[way]), noun) for way in ways}
        _list(asked, search, _chosen(search, params.choose(say("Kinds of change"), WAY, options, pills=True)))
        save_table("turning", f"turned-{asked.model.recipe.key}", partial(tabulate, asked, search))
    elif search.nearest is not None:
        _list(asked, search, [search.nearest])
    offer_pairs(asked)


def _pick_target(asked: ModelRun) -> Target:
    """The answer that is to be turned: the class of the whole, what comes next, or the least certain label at first."""
    known = {str(at): each for at, each in enumerate(asked.outputs.known) if each.target.head in CHOOSING}
    targets = {key: each.target for key, each in known.items()}
    if all(target.step is None for target in targets.values()):
        return next(iter(targets.values()))
    opening = next(reversed(targets))
    if all(target.head == "tags" for target in targets.values()):
        sure = asked.trace.array(TAGS, "tag_probability").max(axis=1)
        opening = min(targets, key=lambda key: sure[targets[key].step or 0])
    names = {key: _place(asked, int(key)) for key in targets}
    return targets[params.choose(say("Asked about"), OUTPUT, names, default=opening)]


def _place(asked: ModelRun, number: int) -> str:
    """An output by its place."""
    output = asked.outputs.known[number]
    if output.target.head == "next_token":
        return say("after {token}", token=asked.tokens.name(output.target.step or 0))
    return f"{number + 1}: {spell(output.name, 40)}"


def _pick_into(asked: ModelRun, given: Target) -> int | None:
    """The answer that is looked for; None for any other."""
    others = {str(index): name for index, name in choices_of(asked, given).items() if index != given.index}
    if len(others) < 2:
        return None
    chosen = params.choose(say("Turn it into"), INTO, {ANY: say("any other answer")} | others, default=ANY)
    return None if chosen == ANY else int(chosen)


def _searched(question: Asked, asked: ModelRun) -> Search:
    """The search at its end; whatever is clicked meanwhile ends it."""
    search, bar = Search(question, asked.encoded), st.progress(0.0, say("Reading changed texts"))
    for share in search.run():
        bar.progress(share, say_n("{n:,} changed text read", "{n:,} changed texts read", search.tried))
    bar.empty()
    return search


def _answer(asked: ModelRun, search: Search, version: Version) -> str:
    """What is answered, with its probability."""
    target = Target(search.asked.head, version.given, search.asked.step)
    return say("{answer} {share:.0%}", answer=choices_of(asked, target)[version.given],
               share=float(version.chances[version.given]))  # fmt: skip


def _said(asked: ModelRun, search: Search) -> str:
    """What came out, in Markdown."""
    now = say("The answer is **{answer}**.", answer=escape(_answer(asked, search, search.begun)))
    noun, late = asked.tokens.noun, "" if search.in_time else say("The time for searching was over before its end.")
    if not search.found:
        none = say_n("None of {n:,} changed texts turns it.", "None of {n:,} changed texts turns it.", search.tried)
        nearest = say("This one comes nearest:") if search.nearest else ""
        return " ".join(filter(None, [now, none, late, nearest]))
    size = len(search.found[0].changes)
    found = say_n(
        "**One change** is enough: {found:,} of {tried:,} changed texts turn it.",
        "**{n} changes** are enough: {found:,} of {tried:,} changed texts turn it.",
        size, found=len(search.found), tried=search.tried,
    )  # fmt: skip
    return in_nouns(" ".join(filter(None, [now, found, late])), noun)


def _chosen(search: Search, way: str) -> list[Version]:
    """The versions that are listed: of all kinds some of each, those that make the new answer most probable first."""
    if way != "every":
        return [version for version in search.found if version.changes[-1].way == way][:SHOWN]
    every = [[v for v in search.found if v.changes[-1].way == each][:EACH] for each in WAYS]
    return [version for some in every for version in some]


def _list(asked: ModelRun, search: Search, versions: Sequence[Version]) -> None:
    """Changed texts with what is answered, each with the way to Compare."""
    with st.container(border=True, gap="small", key="turned"):
        for version in versions:
            with st.container(horizontal=True, vertical_alignment="center"):
                said = escape(f"{changes_in_words(version)}: {_answer(asked, search, version)}")
                st.markdown(f"{marked(version)}  \n:gray[:small[{said}]]", width="stretch")
                query = compared(asked.model.recipe.key, search.begun.text, version.text)
                params.link("app_pages/compare.py", say("Compare"), ":material/compare_arrows:", query)


def changes_in_words(version: Version) -> str:
    """Everything that was changed, in plain text."""
    return "; ".join(say(DONE[change.way], before=change.before, after=change.after) for change in version.changes)


def marked(version: Version) -> str:
    """A changed text, what was put in or moved in bold, in Markdown; of a long one what stands around it."""
    tokens, pieces, at = version.encoded.tokens, [], 0
    spans = sorted(tokens.spans[step] for step in version.touched)
    begin = max(0, spans[0][0] - AROUND) if spans else 0
    stop = min(len(tokens.text), spans[-1][1] + AROUND if spans else 2 * AROUND)
    at = begin
    for start, end in spans:
        pieces += [escape(tokens.text[at:start]), f"**{escape(tokens.text[start:end])}**"]
        at = end
    pieces.append(escape(tokens.text[at:stop]))
    return ("… " if begin else "") + "".join(pieces) + (" …" if stop < len(tokens.text) else "")


def tabulate(asked: ModelRun, search: Search) -> pd.DataFrame:
    """Every changed text that turns the answer, those that make the new one most probable first."""
    head, step = search.asked.head, search.asked.step
    return pd.DataFrame(
        {
            "text": version.text,
            "change": changes_in_words(version),
            "kind": version.changes[-1].way,
            "answer": choices_of(asked, Target(head, version.given, step))[version.given],
            "probability": float(version.chances[version.given]),
        }
        for version in search.found
    )
