"""The second of two inputs of one task: a box, or a choice of what is not typed; and pairs that are worth a look."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core_models.language import say
from pretrained.analysis.minimal_pairs import PAIRS
from pretrained.kinds.forecast import MARK, SeriesTask
from pretrained.kinds.next_token import Part
from pretrained.task import Given
from viz import inputs, params
from viz.compare.sides import CALLED
from viz.inputs import BOX, SECOND, TEXT
from viz.kept import Kept
from viz.params import Param

SECOND_END, PAIR = Param("second-end"), Param("pair", public=False)

OF_TASK = Kept[str]("task of the second input")
"""Key of the task that the second input was given for last."""


def prepare_pair(task: Any) -> None:
    """Before the controls of two inputs: fill the second one, where neither the person nor the URL has."""
    changed = OF_TASK.get() not in (None, task.key)
    OF_TASK.put(task.key)
    if not changed:
        params.take_up(SECOND)
        if params.held(SECOND) is not None:
            return
    pairs, text = PAIRS.get(task.key, ()), params.held(TEXT) or params.asked(TEXT)
    examples = [example.text for example in task.examples]
    if pairs and text in (None, examples[0]):
        params.give(TEXT, pairs[0].first)
        params.give(SECOND, pairs[0].second)
    else:
        others = [example for example in examples if example != (text or examples[0])]
        copied = pairs or text not in (None, *examples) or not others
        params.give(SECOND, (text or examples[0]) if copied else others[0])


def take_second(task: Any, first: Given) -> Given:
    """The second input, from a control of its own; what a person brought as the first can be chosen too."""
    label = say("The second {what}", what=say(CALLED[task.medium]))
    if not task.characters:
        return _choose(label, task, first)
    if task.named:
        return Given(inputs.type_named(task, SECOND))
    placeholder = say("The same input with one part changed, for example")
    height = 68 if BOX.get() == "lines" else None
    st.caption(label)
    typed = params.text(label, SECOND, characters=task.characters, placeholder=placeholder, height=height, titled=False)
    return Given(typed.replace("\r\n", "\n"))


def _choose(label: str, task: Any, first: Given) -> Given:
    """An example, or what the first is."""
    names = {example.text: say(example.title) for example in task.examples}
    brought = first.text.partition(MARK)[0] if task.medium == "series" else first.text
    if first.content is not None:
        names[brought] = say("The same as the first")
    others = [name for name in names if name != brought] or list(names)
    chosen = params.choose(label, SECOND, names, default=others[0])
    content = first.content if chosen == brought else None
    if task.medium != "series":
        return Given(chosen, content)
    return Given(f"{chosen}{MARK}{_pick_end(task, chosen, content)}", content)


def _pick_end(task: SeriesTask, name: str, content: Any) -> int:
    """The step of the second series that is read last."""
    series = task.open(name, content)
    last, allowed = task.last_step(series), range(task.window, len(series) + 1)
    label = say("It ends at {noun} ({window:,} to {n:,})", noun=say(task.noun), window=task.window, n=len(series))
    chosen = params.number(label, SECOND_END, allowed, last + 1) - 1
    st.caption(say("The last that is read: {time}.", time=task.step.labels(series.times[chosen : chosen + 1])[0]))
    return chosen


def alone(given: Given) -> Given:
    """What every network reads from its own beginning: of a long text the part that is open, as a text of its own."""
    part = given.content
    if not isinstance(part, Part):
        return given
    begin = max(0, part.begin - 1)
    st.caption(say("Only the open part of the text is compared, read as if nothing came before it."))
    return Given(part.text[begin:])


def pick_pair(task: Any) -> None:
    """The gallery of pairs: one click puts both texts into their boxes."""
    pairs = {pair.title: pair for pair in PAIRS.get(task.key, ())}

    def use(title: str) -> None:
        params.give(TEXT, pairs[title].first)
        params.give(SECOND, pairs[title].second)

    params.once(say("Pairs"), PAIR, pairs, use, fills=TEXT, name=say)


def explain_pair(task: Any, first: Given, second: Given) -> None:
    """Why a pair of the gallery is worth a look, while it is in the boxes."""
    for pair in PAIRS.get(task.key, ()):
        if (first.text, second.text) == (pair.first, pair.second):
            st.caption(f"**{say(pair.title)}.** {say(pair.why)}")
