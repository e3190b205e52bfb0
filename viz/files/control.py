"""The control that takes a file of any kind: recognised, read by the first way that succeeds, or refused in a sentence.

A file is read once, when it is given, before the page is drawn, so that the page can show another model in the same
run. One that is taken away stays open until another is read: a browser that exchanges one file for another first takes
the old one away, and were the page drawn without it then, its parts would move, and the new file be lost on its way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from core_models.language import mark, say
from pretrained.errors import ModelError
from pretrained.registry import task_of
from pretrained.task import InputError
from pretrained.uploads.apart import READERS, apart
from pretrained.uploads.letters.encoding import EncodingError
from pretrained.uploads.limits import MOST_MEGABYTES
from pretrained.uploads.name import quoted
from pretrained.uploads.offer import models_of
from pretrained.uploads.recognise import READABLE
from pretrained.uploads.route import Way, is_quick, ways_to_open
from viz import params
from viz.inputs import READING, TEXT, chosen_model, offered
from viz.kept import Kept
from viz.markdown import escape
from viz.models import own_models
from viz.params import Param

ABOUT = mark(
    "{kinds}, packed by gzip or not: it is recognised by its content and opened with a "
    "model that reads it. **At most {most} MB**: a larger file turns red and is not read; split it, or "
    "leave out columns. What you open stays in this session, in the server's memory, until the page is closed; on its "
    "way a file above 1 MB passes through a temporary file, which is deleted at once."
)


@dataclass(frozen=True)
class Link:
    """A way to another page."""

    page: str
    label: str
    icon: str
    query: Mapping[Param, str]


@dataclass(frozen=True)
class Refusal:
    """Why a file was not read, and what it may be read by again.

    Attributes:
        sentence: for the person.
        name, content: of the file, where another encoding may help.
        encoding, label: that encoding, and what it is called.
    """

    sentence: str
    name: str = ""
    content: bytes = b""
    encoding: str = ""
    label: str = ""


@dataclass(frozen=True)
class Told:
    """What is said of the file that was read last.

    Attributes:
        sentences: for the person.
        model: key of the model on screen, with which they hold.
        text: with which they hold; None if whatever text.
        link: where it goes on.
    """

    sentences: tuple[str, ...]
    model: str
    text: str | None = None
    link: Link | None = None


Place = Callable[[str, Way], Told]
"""What a page does with a file, by its name and one way to open it; it refuses by ``InputError``."""


@dataclass(frozen=True)
class Control:
    """The control of one page.

    Attributes:
        key: of the widget, and of what is said of its file.
        label: above the widget; ``most`` stands for the number of rows.
        place: what the page does with a file.
        whole: whether a model of characters reads a plain text as one.
        most: rows of a table that it takes.
        groups: what the models do that may open it.
    """

    key: str
    label: str
    place: Place
    whole: bool
    most: int = 0
    groups: tuple[str, ...] = READING

    def ask(self) -> None:
        """The sentence that refuses what was given last, where a phone shows it too; the widget, and what it takes."""
        READERS.warm()
        above = st.container()  # always there, so that the widget keeps its place and the file in it
        st.file_uploader(
            say(self.label, most=self.most), key=self.key, on_change=self._take, max_upload_size=MOST_MEGABYTES
        )
        kinds = say(READABLE)
        st.caption(say(ABOUT, kinds=f"{kinds[0].upper()}{kinds[1:]}", most=MOST_MEGABYTES))
        with above:
            self.show_refusal()

    def show_refusal(self) -> None:
        """The sentence that refuses what was given last, and the button that reads it in another encoding."""
        refused = self._refused.get()
        if refused is None:
            return
        st.error(escape(refused.sentence), icon=":material/block:")
        if refused.encoding:
            label = say("Read it as {encoding}", encoding=refused.label)
            st.button(label, on_click=self.read, key="read-as", icon=":material/translate:",
                      args=(refused.name, refused.content, refused.encoding))  # fmt: skip

    def told(self) -> Told | None:
        """What is to be said of the file that was read last, as long as it is on the screen."""
        told = self._told.get()
        if told is None or told.model != chosen_model():
            return None
        return told if told.text in (None, params.held(TEXT)) else None

    def forget(self) -> None:
        """Nothing is to be said any more."""
        self._told.take()
        self._refused.take()

    @property
    def _told(self) -> Kept[Told]:
        return Kept(f"told of {self.key}")

    @property
    def _refused(self) -> Kept[Refusal]:
        return Kept(f"refused of {self.key}")

    def _take(self) -> None:
        file = params.held(Param(self.key, public=False))
        if file is None:
            self._refused.take()
        else:
            self.read(file.name, file.getvalue())

    def read(self, name: str, content: bytes, encoding: str | None = None) -> None:
        """Read what was given, from a callback; what was there before stays where it is refused."""
        self.forget()
        tasks = {key: task_of(recipe) for key, recipe in offered(*self.groups).items()}
        if self._read_own(name, content):
            return
        models = models_of(tasks, chosen_model() if chosen_model() in tasks else next(iter(tasks)))
        left = Refusal(
            say(
                "{file} was not read completely, because something else was requested: open it again.",
                file=quoted(name),
            )
        )
        self._refused.put(left)
        open_it = ways_to_open if is_quick(content) else apart(ways_to_open, name, still_wanted=_still_wanted)
        try:
            ways = open_it(name, content, models, encoding, whole=self.whole)
            self._refused.take()
            self._told.put(_first(name, ways, self.place))
        except EncodingError as error:
            self._refused.put(Refusal(str(error), name, content, error.detected, error.label))
        except (InputError, ModelError) as error:
            self._refused.put(Refusal(str(error)))

    def _read_own(self, name: str, content: bytes) -> bool:
        """Whether a person's own network is on the screen and the file is one of what it reads; then it is shown."""
        model = own_models().get(chosen_model())
        if model is None or not name.lower().endswith(model.task.reads.endings):
            return False
        try:
            text = model.task.reads.text_of(name, content)
            params.give(TEXT, text)
            self._told.put(
                Told((say("{file} is open below.", file=quoted(name)),), chosen_model(), text[: params.MOST_TYPED])
            )
        except InputError as error:
            self._refused.put(Refusal(str(error)))
        return True


def _still_wanted() -> None:
    """End the run, and with it the reading, where the page was closed or something else was asked for."""
    params.held(TEXT)  # Streamlit raises here what ends a run


def _first(name: str, ways: list[Way], place: Place) -> Told:
    """What is said of the first way that succeeds.

    Raises:
        InputError, ModelError: that of the best way, if none does.
    """
    refused: InputError | ModelError | None = None
    for way in ways:
        try:
            return place(name, way)
        except (InputError, ModelError) as error:
            refused = refused or error
    raise refused or InputError(say("No model here reads this file: choose another one."))


def show_told(told: Told) -> None:
    """The sentences about a file, and the way on."""
    with st.container(border=True, key="told-of-file"):
        for sentence in told.sentences:
            st.markdown(f":material/folder_open: {escape(sentence)}")
        if told.link:
            params.link(told.link.page, str(told.link.label), told.link.icon, told.link.query)
