"""The model and what it is given: one picker, one box and one gallery, the same on every page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from core_models.language import mark, say
from pretrained.recipe import Recipe
from pretrained.registry import out_of_order
from pretrained.task import Example
from viz import params
from viz.kept import Kept
from viz.markdown import escape
from viz.models import GONE, GROUP, every_recipe, finished, is_own, own_models, task_of
from viz.params import Param, stand_ins

MODEL, TEXT = Param("model", folded=True), Param("text")
EXAMPLE, MENU = Param("example", public=False), Param("menu", public=False)
"""The gallery, and the menu that holds it."""

PURPOSE = Param("purpose", public=False, folded=True)
"""What the model does, by which the model is chosen: the address names the model alone."""

MODELS, COMPARED = Param("models"), 3
"""The models that the Compare page shows beside each other, and how many it opens with."""

SECOND, MODE = Param("second"), Param("mode")
"""There also: the second of two inputs, and what is compared."""

LONGEST_IN_URL = 4000
"""Characters of a text that the address holds; of a longer one it holds a name."""

GROUPS: Mapping[str, str] = {
    "sentiment": mark("Sentiment"),
    "answer": mark("Answer"),
    "label": mark("Label"),
    "recognise": mark("Recognise"),
    "forecast": mark("Forecast"),
    "write": mark("Write"),
    "translate": mark("Translate"),
    GROUP: mark("Your own"),
}
"""What the models of each group do, in the order of the picker."""

ICONS: Mapping[str, str] = {
    "sentiment": "mood",
    "answer": "quiz",
    "label": "label",
    "recognise": "graphic_eq",
    "forecast": "show_chart",
    "write": "edit_note",
    "translate": "translate",
    GROUP: "deployed_code_account",
}

HOMES: Mapping[str, str] = {"translate": "app_pages/translate.py"}
"""The page that shows the models of a group, where that is not Explore."""

READING = tuple(group for group in GROUPS if group not in ("translate", GROUP))
"""The groups of shipped models that read one sequence."""

AWAY = Kept[str]("purpose of another page")
"""The group that was just chosen on a page that does not show its models."""

CHANGED = Kept[str]("changed to")
"""The model that was just chosen in place of one of another task."""

TYPED = Kept[str]("typed text")
"""What a person typed last, for when a model that reads text is chosen again."""

LEFT = Kept[dict[str, str]]("texts that were left")
"""By task, what its box held when a file opened a model of another task."""

BOX = Kept[str]("box of the text")
"""What holds the text: a box of one ``line``, of several ``lines``, several ``named`` boxes, or a list of ``names``."""

Gallery = Callable[[Any], Sequence[Example]]
"""The examples of a task that a page offers."""


def examples_of(task: Any) -> Sequence[Example]:
    """The examples of a task."""
    return task.examples


def offered(*groups: str) -> dict[str, Recipe]:
    """The recipes of these groups by what their models do; of all groups if none is named."""
    recipes = every_recipe()
    group_of = {key: task_of(recipe).group for key, recipe in recipes.items()}
    wanted = [group for group in GROUPS if not groups or group in groups]
    return {key: recipes[key] for group in wanted for key, own in group_of.items() if own == group}


def pick_model(
    models: Mapping[str, Recipe],
    *,
    gallery: Gallery = examples_of,
    on_change: Callable[[], None] | None = None,
) -> str:
    """Key of the chosen model, first by what models do, behind one button that names both.

    A name that no model has is answered with a sentence.

    Args:
        models: those that the page can show.
        gallery: the examples of a task on this page.
        on_change: called when another model was chosen.
    """

    def change() -> None:
        _change_task(gallery)
        if on_change:
            on_change()

    _leave_page()
    missing = params.take_up(MODEL, models)
    say_missing(missing)
    if params.held(MODEL) not in models:
        params.give(MODEL, next(iter(models)))
    if missing in every_recipe() and task_of(every_recipe()[missing]).characters == 0:
        _change_task(gallery)  # what the address names is no text for a box
    shown = models[params.held(MODEL)]
    group = task_of(shown).group
    titles = {key: _title(recipe) for key, recipe in models.items() if task_of(recipe).group == group}
    if MODEL.hidden:
        return params.choose(say("Model"), MODEL, titles)
    label = say("{purpose}: **{model}**", purpose=say(GROUPS[group]), model=escape(_title(shown)))
    with st.popover(label, icon=f":material/{ICONS[group]}:", disabled=MODEL.locked, key="picker"):
        _pick_purpose(models, change)
        return params.choose(say("Model"), MODEL, titles, on_change=change)


def _pick_purpose(models: Mapping[str, Recipe], change: Callable[[], None]) -> None:
    """What models do, with all that is offered anywhere: what this page does not show leads to the page that does."""
    if not MODEL.free:
        return

    def choose() -> None:
        group = params.held(PURPOSE)
        first = next((key for key, recipe in models.items() if task_of(recipe).group == group), None)
        if first is None:
            AWAY.put(group)
        else:
            params.give(MODEL, first)
            change()

    params.give_anew(PURPOSE, task_of(models[params.held(MODEL)]).group)
    there = {group: name for group, name in GROUPS.items() if group != GROUP or own_models()}
    titles = {group: f":material/{ICONS[group]}: {say(name)}" for group, name in there.items()}
    params.choose(say("What the model does"), PURPOSE, titles, pills=True, titled=False, on_change=choose)


def _leave_page() -> None:
    """Go to the page of the models that were just asked for, where this one does not show them."""
    group = AWAY.take()
    if group:
        st.switch_page(HOMES.get(group, "app_pages/explore.py"), query_params={MODEL: next(iter(offered(group)))})


def say_missing(asked: str | None) -> None:
    """Say which models are out of order altogether, and of the one that was ``asked`` for that it is not here."""
    for sentence in out_of_order().values():
        st.error(escape(sentence), icon=":material/broken_image:")
    if asked in every_recipe():
        title = escape(say(every_recipe()[asked].title))
        st.info(
            say("The model “{title}” is for another page; here is one that this page can show.", title=title),
            icon=":material/info:",
        )
    elif asked is not None and is_own(asked):
        st.info(say(GONE), icon=":material/link_off:")
    elif asked is not None and asked not in out_of_order():
        said = say("There is no model named “{name}”; choose one from this list.", name=escape(asked))
        st.warning(said, icon=":material/link_off:")


def _title(recipe: Recipe) -> str:
    """Task and model, each once, where the models of a family have several tasks to themselves."""
    task = task_of(recipe)
    if task.group != "translate" or recipe.title.startswith(task.title):
        return say(recipe.title)
    return say("{task}: {model}", task=say(task.title), model=say(recipe.title))


def chosen_model() -> str:
    """Key of the model that ``pick_model`` holds."""
    return params.held(MODEL)


def _change_task(gallery: Gallery = examples_of) -> None:
    """Another model was chosen: where its task is another one, an example of the old task gives way to one of its own.

    What a person typed stays, or comes back where a file opened the model that is left now.
    """
    chosen = every_recipe().get(params.held(MODEL) or "")
    before = every_recipe().get(params.asked(MODEL) or "")
    if chosen is None or before is None or chosen.task == before.task:
        return
    text, left, kept, comes = _held_text(), task_of(before), _left(), task_of(chosen)
    typed = left.characters > 0 and text is not None and text not in {example.text for example in gallery(left)}
    if typed and left.medium == "text":
        TYPED.put(text or "")
    kept.pop(before.task, None)
    if chosen.task in kept:
        new = kept.pop(chosen.task)
        kept[before.task] = text or ""
    elif typed and left.medium == comes.medium:
        new = text or ""
    elif comes.medium == "text" != left.medium and TYPED.get() is not None:
        new = TYPED.get() or ""
    else:
        new = gallery(comes)[0].text
    params.give(TEXT, new)
    params.let_stand(TEXT, in_url(new))
    CHANGED.put(chosen.key)


def change_model(key: str) -> None:
    """Choose the model named ``key`` as if it were by hand; call it from a callback."""
    params.give(MODEL, key)
    _change_task()


def open_with(key: str, text: str) -> None:
    """Show a text from a file with the model named ``key``; call it from a callback.

    Where its task is another one, what the box held is kept for the way back.
    """
    if every_recipe()[key].task != every_recipe()[chosen_model()].task:
        leave_text()
        _left().pop(every_recipe()[key].task, None)
    if key != chosen_model():
        params.let_stand(TEXT, in_url(text))
    params.give(MODEL, key)
    params.give(TEXT, text)


def leave_text() -> None:
    """Keep what the box holds until a model of the same task is chosen again."""
    held = _held_text()
    if held is not None:
        _left()[every_recipe()[chosen_model()].task] = held


def _left() -> dict[str, str]:
    return LEFT.get() or LEFT.put({})


def in_url(text: str) -> str:
    """What stands for a text in the address: itself, or a name where it is long or could be taken for such a name."""
    return stand_ins.name_of(text) if len(text) > LONGEST_IN_URL or stand_ins.is_name(text) else text


def compared(model: str, first: str, second: str) -> dict[Param, str]:
    """What the address of the Compare page holds for two texts in one model."""
    return {MODEL: finished(model), MODE: "inputs", TEXT: in_url(first), SECOND: second[:LONGEST_IN_URL]}


def _held_text() -> str | None:
    """What the box holds, or would hold by the address."""
    held, asked = params.held(TEXT), params.asked(TEXT)
    if held is not None:
        return held
    return stand_ins.text_of(asked) if asked and stand_ins.is_name(asked) else asked


def type_text(
    task: Any,
    opening: str | None = None,
    label: str = "",
    on_change: Callable[[], None] | None = None,
) -> str:
    """The person's text, from the box or from an example; the address's text when the page opens, or ``opening``."""
    _open_text("line", opening or task.examples[0].text)
    placeholder = say("Type here: the network reads it as you type")
    return params.text(
        label or say("Type an English sentence"), TEXT, characters=task.characters, placeholder=placeholder,
        stand_in=in_url, titled=False, on_change=on_change,
    )  # fmt: skip


class _Part(Param):
    """One of the named inputs, which the address holds as part of another choice."""

    whole: Param

    @classmethod
    def of(cls, whole: Param, name: str) -> _Part:
        """The part of that name."""
        made = cls(f"{whole}-{name}", public=False)
        made.whole = whole
        return made

    @property
    def locked(self) -> bool:
        """As the whole."""
        return self.whole.locked

    @property
    def hidden(self) -> bool:
        """As the whole."""
        return self.whole.hidden


def type_named(task: Any, whole: Param = TEXT) -> str:
    """The person's inputs, each in a box of its own, as one text; see ``pretrained.task.Named``."""
    if whole == TEXT:
        other = BOX.get() not in (None, "named")
        _open_text("named", task.examples[0].text)
        if other and not all(task.named.divide(str(params.held(TEXT))).values()):  # what another model read
            params.give(TEXT, task.examples[0].text)
    text, values = str(params.held(whole) or ""), dict[str, str]()
    came, tall = params.held(_boxed(whole)) != text, task.named.tall
    columns = st.columns([3 if name in tall else 1 for name in task.named.titles])
    for column, (name, value) in zip(columns, task.named.divide(text).items(), strict=True):
        part = _Part.of(whole, name)
        if came or params.held(part) is None:
            params.give(part, value)
        label, height = say(task.named.titles[name]), 68 if name in tall else None
        with column:
            values[name] = params.text(label, part, characters=task.characters, height=height)
    text = text if whole.hidden else task.named.join(values)
    params.let_stand(whole, in_url(params.give(whole, text)))
    return params.give(_boxed(whole), text)


def _boxed(whole: Param) -> Param:
    """The text whose parts stand in the boxes."""
    return Param(f"{whole}-in-boxes", public=False)


def type_lines(label: str, opening: str, characters: int, height: int = 68) -> str:
    """The person's text of several lines, from the box or from an example; the address's text when the page opens.

    A text too long for an address is kept in the session, and the address holds a name that stands for it.
    """
    _open_text("lines", opening)
    return params.text(label, TEXT, characters=characters, height=height, stand_in=in_url, titled=False)


def _open_text(box: str, opening: str) -> None:
    """Give a box its text: what the address asks for, or what the person had."""
    before, opens = params.held(TEXT), not params.stands(TEXT)
    params.take_up(TEXT, meant=partial(_meant, opening))
    came = opens or params.held(TEXT) != before
    named = BOX.get() == "names" and params.asked(TEXT) is None  # on the page before
    if params.held(TEXT) is None or named or (came and _names_no_text()):
        params.give(TEXT, TYPED.get() or opening)
    _take_over(box)


def _names_no_text() -> bool:
    """Whether the text in the address is the name of a sound or a series, for a model that reads such."""
    reader = every_recipe().get(params.address().get(MODEL, ""))
    return reader is not None and not task_of(reader).characters


def _meant(opening: str, asked: str) -> str:
    """The text that the address asks for; where it is the name of a long one that is not here, that is said."""
    if not stand_ins.is_name(asked):
        return asked
    held = stand_ins.text_of(asked)
    if held is None:
        st.info(
            say("This address stands for a text that is too long for an address and was never stored: paste it again."),
            icon=":material/content_paste:",
        )
    return opening if held is None else held


def _take_over(box: str) -> None:
    """Give the text to a box of another kind than the one that held it; its value would be lost with its widget.

    Not in every run: a value that is given anew overwrites what the person is typing at that moment.
    """
    if (BOX.get() or box) != box:
        params.give(TEXT, params.held(TEXT))
    BOX.put(box)


def pick_example(examples: Sequence[Example], on_change: Callable[[], None] | None = None) -> None:
    """The gallery: one click puts an example into the box and closes the menu."""
    texts = {example.title: example.text for example in examples}

    def use(title: str) -> None:
        params.give(TEXT, texts[title])
        params.give(MENU, False)
        if on_change:
            on_change()

    params.once(say("Examples"), EXAMPLE, texts, use, fills=TEXT, name=say, titled=True)
