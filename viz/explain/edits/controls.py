"""Widgets with which a person makes an edit; each kind has its own few, with defaults that show something."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core_models.edits.edit import (
    DECODER,
    FREE_SCORES,
    STATE_CHANGES,
    ChangeState,
    DeleteToken,
    Edit,
    EditError,
    HoldGate,
    MaskToken,
    PoolAttention,
    Rescore,
    SetValue,
    Some,
    Transplant,
)
from core_models.language import mark, say
from core_models.trace import Site
from core_models.vocabulary import Kind, quantity
from pretrained.task import InputError
from viz.explain.edits.stack import EDITS, add
from viz.explain.edits.text import LONGEST_TEXT, begin_with, limits, put_word, unknown_at
from viz.explain.edits.words import SCORES, STATES
from viz.figures.parts.token_axis import in_nouns
from viz.markdown import escape
from viz.run import ModelRun

KINDS = {
    "hold": mark("Hold a gate"),
    "state": mark("Change the state"),
    "paste": mark("Paste a state from another input"),
    "token": mark("Change a token"),
    "value": mark("Change the values"),
    "attend": mark("Move the attention"),
    "compare": mark("Compare by another score"),
    "begin": mark("Begin the answer"),
}
WIDEST = 3.0
"""Ends of the slider for a quantity without bounds."""

HEATS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Temperatures of attention."""

MOST_DRAWN = 6
"""Tokens among which attention is shared out by hand."""


def make_edit(asked: ModelRun) -> None:
    """The kind, its widgets, and the button that puts the edit on the stack."""
    fits, noun = limits(asked), asked.tokens.noun
    tokens = bool(fits.vocabulary)
    writes = asked.encoded.written is not None
    suits = {"paste": tokens, "token": tokens, "value": not tokens, "attend": fits.attends,
             "compare": fits.attends and writes, "begin": writes}  # fmt: skip
    kinds = {key: in_nouns(say(name), noun) for key, name in KINDS.items() if suits.get(key, True)}
    kind = st.selectbox(say("What to change"), list(kinds), format_func=kinds.__getitem__, key="new-kind")
    makers: dict[str, Callable[[ModelRun], Edit | None]] = {
        "hold": _hold, "state": _state, "paste": _paste, "token": _token, "value": _value,
        "attend": _attend, "compare": _compare, "begin": _begin,
    }  # fmt: skip
    problem = ""
    edit = None
    try:
        edit = makers[kind or "hold"](asked)
    except EditError as error:
        problem = str(error).removeprefix("edit: ")
    if (
        st.button(
            say("Add this what-if"),
            icon=":material/add:",
            key="new-add",
            disabled=edit is None or not EDITS.free,
            type="primary",
        )
        and edit
    ):
        add(edit)
        st.rerun()
    if problem:
        st.info(f"{escape(problem[0].upper() + problem[1:])}.", icon=":material/edit:")


def _hold(asked: ModelRun) -> Edit:
    choices = [(site, gate) for site, gates in limits(asked).gates.items() for gate in gates]
    choices.sort(key=lambda choice: quantity(choice[1]).kind is not Kind.GATE)
    several = len(limits(asked).gates) > 1
    names = [quantity(gate).label + (f", {site.label}" if several else "") for site, gate in choices]
    number = st.selectbox(
        say("Gate"), range(len(choices)), format_func=names.__getitem__, key=f"new-gate-{_place(asked)}"
    )
    site, gate = choices[number or 0]
    row = quantity(gate)
    low, high = (row.low, row.high) if row.high < WIDEST else (-WIDEST, WIDEST)
    value = st.slider(say("Value"), float(low), float(high), 0.0, 0.05, key=f"new-value-{gate}")
    return HoldGate(site, gate, round(float(value), 2), _units(asked, site), _steps(asked, site))


def _state(asked: ModelRun) -> Edit:
    site = _site(asked)
    how = (
        st.selectbox(
            say("What to do with it"), STATE_CHANGES, format_func=lambda kind: say(STATES[kind]), key="new-how"
        )
        or "zero"
    )
    units, steps = _units(asked, site), _steps(asked, site)
    seed = int(st.number_input(say("Order"), 0, 9999, 1, key="new-seed")) if how == "shuffle" else 0
    return ChangeState(site, how, units, steps, seed)


def _paste(asked: ModelRun) -> Edit | None:
    site, labels, noun = _site(asked, reads=True), asked.tokens.labels, asked.tokens.noun
    step = _one(
        say("After {noun} of this input", noun=say(noun)), labels, (len(labels) - 1) // 2, f"new-after-{_place(asked)}"
    )
    text = st.text_input(
        say("The other input"), other_text(asked), max_chars=LONGEST_TEXT, key=f"new-donor-{asked.model.task.key}"
    )
    try:
        found = asked.model.encode(text or "")
    except InputError as error:
        raise EditError(say("type the input whose state is to be pasted")) from error
    others = found.tokens.labels
    at = _one(
        say("Take its state after {noun}", noun=say(noun)), others, len(others) - 1, f"new-donor-step-{len(others)}"
    )
    return Transplant(site, step, found.ids, at, _units(asked, site), text or "")


def other_text(asked: ModelRun) -> str:
    """The shortest example of the task that is not what is read."""
    texts: list[str] = sorted((example.text for example in asked.model.task.examples), key=len)
    return next((text for text in texts if text != asked.tokens.text), texts[0])[:LONGEST_TEXT]


def _token(asked: ModelRun) -> Edit | None:
    noun, fits, tokens = asked.tokens.noun, limits(asked), asked.tokens
    ways = {"delete": say("is deleted")} if fits.shortens else {}
    ways |= {"word": say("is replaced by another"), "unknown": say("is read as an unknown {noun}", noun=say(noun)),
             "blank": say("is read as a vector of zeros")}  # fmt: skip
    step = _one(noun.capitalize(), tokens.labels, 0, f"new-token-{_place(asked)}")
    way = st.selectbox(
        say("What to do with it"), list(ways), format_func=ways.__getitem__, key=f"new-way-{fits.shortens}"
    )
    if way == "word":
        word = tokens.text[slice(*tokens.spans[-1])] if tokens.spans else ""
        key = f"new-word-{asked.model.task.key}"
        return put_word(asked, step, st.text_input(say("Replacement"), word, max_chars=60, key=key) or "")
    if way == "unknown":
        return unknown_at(asked, step)
    return MaskToken(step) if way == "blank" else DeleteToken(step)


def _value(asked: ModelRun) -> Edit:
    """A stretch of steps, some channels, and what they are set to."""
    fits, labels = limits(asked), asked.tokens.labels
    names = {f"{step + 1}: {label}": step for step, label in enumerate(labels)}
    ends = list(names)
    first, last = st.select_slider(
        say("From and to"), ends, (ends[len(ends) // 2], ends[-1]), key=f"new-stretch-{_place(asked)}"
    )
    channels: Some = None
    if fits.channels > 1:
        chosen = st.multiselect(
            say("Channels"), range(fits.channels), format_func=lambda channel: say("channel {n}", n=channel + 1),
            key=f"new-channels-{asked.model.recipe.key}", placeholder=say("all channels"),
        )  # fmt: skip
        channels = tuple(sorted(chosen)) or None
    ways = {"mean": say("the mean of each channel"), "number": say("a number")}
    way = st.selectbox(say("Set to"), list(ways), format_func=ways.__getitem__, key="new-set-to")
    value = (
        None
        if way == "mean"
        else float(st.number_input(say("Number, as the network reads it"), value=0.0, key="new-to"))
    )
    steps = tuple(range(names[first], names[last] + 1))
    return SetValue(None if len(steps) == len(labels) else steps, channels, value)


def _attend(asked: ModelRun) -> Edit | None:
    noun = asked.tokens.noun
    ways = {"uniform": say("at all {noun}s equally", noun=say(noun)), "one": say("at one {noun} only", noun=say(noun)),
            "permuted": say("with its weights permuted"),
            "drawn": say("as set by hand")}  # fmt: skip
    way = st.selectbox(say("It attends"), list(ways), format_func=ways.__getitem__, key="new-look")
    labels = asked.tokens.labels
    if way == "one":
        position = _one(say(noun).capitalize(), labels, 0, f"new-only-{_place(asked)}")
        return PoolAttention("one", position=position, steps=_looks(asked))
    if way == "permuted":
        seed = int(st.number_input(say("Order"), 0, 9999, 1, key="new-seed"))
        return PoolAttention("permuted", seed=seed, steps=_looks(asked))
    if way == "uniform":
        return PoolAttention("uniform", steps=_looks(asked))
    chosen = st.multiselect(
        say("{noun}s that receive attention", noun=say(noun).capitalize()), range(len(labels)),
        format_func=lambda i: f"{i + 1}: {labels[i]}",
        key=f"new-drawn-{_place(asked)}", max_selections=MOST_DRAWN, default=[0],
    )  # fmt: skip
    weights = [0.0] * len(labels)
    for step in chosen:
        weights[step] = float(st.slider(f"{step + 1}: {escape(labels[step])}", 0, 100, 50, key=f"new-weight-{step}"))
    if not any(weights):
        raise EditError(say("give at least one {noun} some attention", noun=say(noun)))
    return PoolAttention("drawn", weights=tuple(weights), steps=_looks(asked))


def _looks(asked: ModelRun) -> Some:
    """The steps of a target at which a decoder looks so; all where nothing is written."""
    return None if asked.encoded.written is None else _steps(asked, DECODER)


def _compare(asked: ModelRun) -> Edit:
    own = asked.model.network.architecture.attention
    ways = {None: say("its own score")} | {name: say(SCORES[name]) for name in FREE_SCORES if name != own}
    score = st.selectbox(say("It compares by"), list(ways), format_func=ways.__getitem__, key=f"new-score-{own}")
    heat = st.select_slider(
        say("Temperature"), HEATS, 2.0, key="new-heat", help=say("Above 1 softens the weights, below 1 sharpens them.")
    )
    return Rescore(score, float(heat))


def _begin(asked: ModelRun) -> Edit:
    task, source = asked.model.task, asked.tokens.text
    key = f"new-begin-{task.key}"
    written = asked.encoded.written
    typed = st.text_input(say("The answer begins with"), task.spell(source, written.numbers[:1] if written else ()),
                          max_chars=LONGEST_TEXT, key=key)  # fmt: skip
    ids = tuple(task.aim(source, (typed or "").strip())[:-1])
    if not ids:
        raise EditError(say("type the first tokens of the answer"))
    if len(ids) >= task.longest:
        raise EditError(say("type at most {longest} tokens; this has {n}", longest=task.longest - 1, n=len(ids)))
    return begin_with(asked, ids)


def _site(asked: ModelRun, *, reads: bool = False) -> Site:
    sites = [site for site in limits(asked).gates if not (reads and site == DECODER)]
    if len(sites) == 1:
        return sites[0]
    names = [site.label for site in sites]
    number = st.selectbox(
        say("Layer and direction"), range(len(sites)), index=len(sites) - 1, format_func=names.__getitem__,
        key=f"new-site-{asked.model.recipe.key}",
    )  # fmt: skip
    return sites[number or 0]


def _units(asked: ModelRun, site: Site) -> Some:
    count = limits(asked).units_at(site)
    key = f"new-units-{asked.model.recipe.key}-{count}"
    chosen = st.multiselect(say("Units"), range(count), key=key, placeholder=say("all units"))
    return tuple(sorted(chosen)) or None


def _steps(asked: ModelRun, site: Site) -> Some:
    labels, noun = asked.tokens.labels, asked.tokens.noun
    if site == DECODER and asked.encoded.written is not None:
        labels, noun = asked.encoded.written.labels, mark("written token")
    chosen = st.multiselect(
        say("{noun}s", noun=say(noun).capitalize()),
        range(len(labels)),
        format_func=lambda step: f"{step + 1}: {labels[step]}",
        key=f"new-steps-{_place(asked)}-{noun}-{len(labels)}",
        placeholder=say("all {noun}s", noun=say(noun)),
    )
    return tuple(sorted(chosen)) or None


def _one(label: str, labels: tuple[str, ...], default: int, key: str) -> int:
    chosen = st.selectbox(
        label, range(len(labels)), index=default, format_func=lambda step: f"{step + 1}: {labels[step]}", key=key
    )
    return chosen or 0


def _place(asked: ModelRun) -> str:
    """Part of a widget's key that changes with the choices it offers."""
    return f"{asked.model.recipe.key}-{len(asked.encoded)}"
