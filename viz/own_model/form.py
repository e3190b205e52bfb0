"""The form on the page "Your model": one recurrent layer of a file, what it reads, and what reads its states."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st
import torch
from torch import Tensor, nn

from core_models.language import mark, say, say_n
from core_models.own.network import Readout, readouts_in, vectors_in
from core_models.own.traced import OwnError
from pretrained.task import InputError
from pretrained.trained import Trained
from pretrained.uploads.limits import MOST_MEGABYTES
from pretrained.uploads.name import quoted
from viz import models, params
from viz.kept import Kept
from viz.markdown import escape
from viz.own_model.model import Parts, build
from viz.own_model.opened import Opened, describe, table, units
from viz.own_model.reading import Numbers, Words, read_words
from viz.params import Param

DATA, VOCABULARY = Param("own-data", public=False), Param("own-vocabulary", public=False)

KINDS = {"numbers": mark("numbers"), "words": mark("text")}
ANSWERS = {"classes": mark("one class for the whole input"), "numbers": mark("numbers at every step")}
NONE, ONE_HOT = "none", "one-hot"
MODULE, VECTORS, READOUT, NAMES, TYPED, WRITTEN = (
    Param(f"own-{name}", public=False) for name in ("module", "vectors", "readout", "names", "numbers", "text")
)  # fmt: skip
READS, GIVES = Param("own-reads", KINDS, public=False), Param("own-gives", ANSWERS, public=False)
CHOICES = (MODULE, READS, VECTORS, TYPED, WRITTEN, READOUT, GIVES, NAMES)
"""All that a person chooses or types."""

WORDS, TROUBLE = Kept[tuple[str, ...]]("own vocabulary"), Kept[str]("trouble with what was given")


@dataclass(frozen=True, eq=False)
class Wanted:
    """A model as it was put together in the form, and the input that it opens with."""

    parts: Parts
    text: str

    def built(self) -> Trained:
        """The model; raises ``OwnError`` if its parts do not fit each other."""
        return build(self.parts, models.new_name(), self.text)


def forget() -> None:
    """Give every choice its default, and let the vocabulary go."""
    params.forget(*CHOICES)
    WORDS.take()
    TROUBLE.take()


@contextmanager
def fitting() -> Iterator[None]:
    """Parts that do not fit each other are answered with the sentence that says why."""
    try:
        yield
    except OwnError as error:
        st.error(escape(say("{sentence}.", sentence=error)), icon=":material/block:")


def taken(param: Param, read: Callable[[str, bytes], object]) -> Callable[[], None]:
    """What is done when a file was given: it is read, or why not is kept for the page."""

    def take() -> None:
        file = params.held(param)
        TROUBLE.take()
        if file is None:
            return
        try:
            read(file.name, file.getvalue())
        except InputError as error:
            TROUBLE.put(str(error))

    return take


def pick(opened: Opened) -> Wanted:
    """What the form holds.

    Raises:
        InputError: if something is missing, or does not fit.
    """
    with st.container(border=True):
        name, module = _pick_module(opened)
    with st.container(border=True):
        reads, vectors, text = _pick_input(opened, module)
    with st.container(border=True):
        readout, names = _pick_readout(opened, module, params.held(VECTORS) if vectors is not None else None)
    reads.encode(text)
    if readout and names and len(names) != readout.count:
        raise InputError(say_n(
            "You gave {n} name, and there are {count} outputs: give one for each, or none.",
            "You gave {n} names, and there are {count} outputs: give one for each, or none.",
            len(names), count=readout.count,
        ))  # fmt: skip
    return Wanted(
        Parts(opened.name, name, module, reads, vectors, readout, names, opened.checksum, opened.content), text
    )


def _pick_module(opened: Opened) -> tuple[str, nn.Module]:
    st.markdown(say("**2. Recurrent layers in {file}**", file=escape(quoted(opened.name))))
    layers = table(opened.modules).map(escape).set_index("layer").rename(columns=say).rename_axis(say("layer"))
    st.table(layers, alt=say("Recurrent layers in the file"))
    name = next(iter(opened.names))
    if len(opened.names) > 1:
        name = params.choose(say("Look into"), MODULE, opened.names, default=name)
    st.caption(describe(opened.modules[name], opened))
    return name, opened.modules[name]


def _pick_input(opened: Opened, module: nn.Module) -> tuple[Numbers | Words, Tensor | None, str]:
    """What is read, the vectors of its words, and an input."""
    features = int(module.input_size)  # type: ignore[arg-type]  # a number of every recurrence
    st.markdown(say("**3. Input**"))
    vectors = vectors_in(opened.contents, features)
    kind = params.choose(say("It reads"), READS, default="words" if vectors else "numbers", pills=True)
    if kind == "numbers":
        reads, found, box, first = Numbers(features), None, TYPED, _sample(features)
        label = say_n("Numbers: a row for each step, with {n} number in it",
                      "Numbers: a row for each step, with {n} numbers in it", features)  # fmt: skip
    else:
        reads, found = _pick_words(vectors, features)
        box, first, label = WRITTEN, reads.sample(), say("Text")
    left, right = st.columns(2)
    with right:
        st.file_uploader(say("or from a file ({endings})", endings=say(", ").join(reads.endings)), key=DATA,
                         max_upload_size=MOST_MEGABYTES, on_change=taken(DATA, _fill(box, reads)))  # fmt: skip
    with left:
        text = params.text(label, box, first, characters=reads.characters, height=140)
    trouble = TROUBLE.get()
    if trouble:
        st.error(escape(trouble), icon=":material/block:")
    return reads, found, text


def _fill(box: Param, reads: Numbers | Words) -> Callable[[str, bytes], object]:
    return lambda name, content: params.give(box, reads.text_of(name, content))


def _sample(features: int) -> str:
    """Twelve steps of a slow wave with as many features, so that there is something to see at once."""
    steps = torch.arange(12.0)[:, None]
    waves = torch.sin(steps * 0.6 + torch.arange(float(features)) * 0.9)
    return "\n".join(",".join(f"{value:.3f}" for value in row) for row in waves.tolist())


def _pick_words(vectors: Mapping[str, Tensor], features: int) -> tuple[Words, Tensor]:
    """The vocabulary and its vectors; without a vocabulary, words are written by their ids.

    Raises:
        InputError: if it does not fit.
    """
    left, right = st.columns(2)
    with left:
        st.file_uploader(say("Vocabulary: one word on each line, in the order of their ids"), key=VOCABULARY,
                         max_upload_size=MOST_MEGABYTES, on_change=taken(VOCABULARY, _keep_words))  # fmt: skip
    with right:
        tables = {name: f"{name}: {len(value):,} × {features}" for name, value in vectors.items()}
        tables[ONE_HOT] = say("none: one-hot, {n} words", n=features)
        chosen = params.choose(say("Embedding"), VECTORS, tables, default=next(iter(tables)))
    found = torch.eye(features) if chosen == ONE_HOT else vectors[chosen]
    words = WORDS.get()
    if words is None:
        st.caption(say("Without a vocabulary, write the ids of the words instead, such as 3 17 4."))
        return Words(tuple(map(str, range(len(found))))), found
    st.caption(escape(say("Vocabulary of {n:,} words: {words} …", n=len(words), words=say(", ").join(words[:8]))))
    if len(words) != len(found):
        if abs(len(words) - len(found)) < 4:
            raise InputError(say(
                "The vocabulary has {n:,} words and the embedding {rows:,} rows: give a list of {rows:,} words; a "
                "blank line counts, too.", n=len(words), rows=len(found),
            ))  # fmt: skip
        raise InputError(say(
            "The vocabulary has {n:,} words and the embedding {rows:,} rows: give a list of {rows:,} words.",
            n=len(words), rows=len(found),
        ))  # fmt: skip
    return Words(words), found


def _keep_words(name: str, content: bytes) -> None:
    """Take up a vocabulary; a text in which it knows no word gives way to one of its own."""
    words = WORDS.put(read_words(name, content))
    found = Words(words)
    if not any(found.encode(params.held(WRITTEN) or found.sample()).tokens.known):
        params.give(WRITTEN, found.sample())


def _pick_readout(opened: Opened, module: nn.Module, taken: str | None) -> tuple[Readout | None, tuple[str, ...]]:
    """What reads the states, and what its outputs are called.

    Args:
        opened: the file.
        module: the layer.
        taken: name of the weights that are the embedding.
    """
    st.markdown(say("**4. Output**"))
    there = {name: held for name, held in readouts_in(opened.contents, units(module)).items() if name != taken}
    if not there:
        st.caption(say("The file holds no linear layer that reads {n} units: the states themselves are shown.",
                       n=units(module)))  # fmt: skip
        return None, ()
    offered = {name: say("{name}: {n} outputs", name=name, n=len(weight)) for name, (weight, _) in there.items()}
    likely = [name for name, (weight, _) in there.items() if len(weight) != units(module)] or list(there)
    left, middle, right = st.columns(3)
    with left:
        chosen = params.choose(
            say("Readout"), READOUT, {NONE: say("none: show the states alone")} | offered,
            default=likely[0] if len(likely) == 1 else NONE,
        )  # fmt: skip
    if chosen == NONE:
        return None, ()
    with middle:
        gives = params.choose(say("Its outputs are"), GIVES, default="classes" if taken else "numbers", pills=True)
    with right:
        named = params.text(say("Names of the outputs"), NAMES, characters=5_000, placeholder=say("negative, positive"))
    names = tuple(name.strip() for name in named.split(",") if name.strip())
    return Readout(*there[chosen], classes=gives == "classes"), names
