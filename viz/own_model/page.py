"""What the page "Your model" shows: the file, what is in it, what it reads, and the ways to the pages that show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core_models.own.network import Readout, readouts_in, vectors_in
from core_models.own.proving import prove
from core_models.own.traced import OwnError
from pretrained.task import InputError
from pretrained.trained import Trained
from pretrained.uploads.limits import MOST_MEGABYTES, MOST_MODEL_MEGABYTES
from pretrained.uploads.name import quoted
from viz import models, params
from viz.inputs import MODEL, TEXT, in_url
from viz.kept import Kept
from viz.markdown import escape
from viz.own_model.model import Parts, build
from viz.own_model.opened import OPENED, REFUSED, Opened, describe, open_file, table, units
from viz.own_model.reading import Numbers, Words, read_array, read_words
from viz.own_model.translator import show_translator
from viz.params import Param

FILE, DATA, VOCABULARY, OUTPUT = (
    Param(f"own-{name}", public=False) for name in ("file", "data", "vocabulary", "output")
)  # fmt: skip

KINDS = {"numbers": "numbers", "words": "text, in a vocabulary of its own"}
ANSWERS = {"classes": "one class of the whole", "numbers": "numbers at every step"}
NONE, ONE_HOT = "none", "one-hot"
MODULE, VECTORS, READOUT, NAMES = (
    Param(f"own-{name}", public=False) for name in ("module", "vectors", "readout", "names")
)  # fmt: skip
READS, GIVES = Param("own-reads", KINDS, public=False), Param("own-gives", ANSWERS, public=False)

WORDS, PROOF = Kept[tuple[str, ...]]("own vocabulary"), Kept[NDArray[Any]]("own output")
TROUBLE = Kept[str]("trouble with what was given")

ABOUT = (
    "safetensors, ONNX, or Keras 3 (.keras, .weights.h5). "
    f"**At most {MOST_MODEL_MEGABYTES} MB.** The file stays in this session, in the server's memory, until the page is "
    f"closed; no other visitor can open it, and no cache that others share holds anything of it. At most {models.MOST} "
    "models are kept."
)
PAGES = (
    ("app_pages/explore.py", "Explore", ":material/search:"),
    ("app_pages/compare.py", "Compare", ":material/compare_arrows:"),
    ("app_pages/memory.py", "Memory", ":material/timeline:"),
    ("app_pages/explain.py", "Explain", ":material/fact_check:"),
)


@dataclass(frozen=True, eq=False)
class Wanted:
    """A model as it was put together on the page, and the input that it opens with."""

    parts: Parts
    text: str


def open_page() -> None:
    """Everything below the heading."""
    _show_held()
    _show_file()
    title = "One cell in PyTorch, Keras, ONNX and the textbook, and the lines that copy its weights"
    with st.expander(title, icon=":material/translate:", key="dialects", on_change="rerun") as drawer:
        if drawer.open:
            show_translator()


def _show_file() -> None:
    """The file, what is in it, and how it is opened."""
    with st.container(border=True):
        st.markdown("**1. The file**")
        st.file_uploader(
            "A file of a model", key=FILE, max_upload_size=MOST_MODEL_MEGABYTES,
            on_change=_taken(FILE, open_file),
        )  # fmt: skip
        st.caption(ABOUT)
        refused = REFUSED.get()
        if refused:
            st.error(escape(refused.sentence), icon=":material/block:")
            if refused.code:
                st.code(refused.code, language="python")
    opened = OPENED.get()
    if opened is None:
        st.info(
            "No file at hand? `torch.nn.GRU(8, 16)` and two lines are enough: "
            "`from safetensors.torch import save_file` and `save_file(model.state_dict(), \"model.safetensors\")`.",
            icon=":material/lightbulb:",
        )  # fmt: skip
        return
    with st.container(border=True):
        name, module = _pick_module(opened)
    try:
        with st.container(border=True):
            reads, vectors, text = _pick_input(opened, module)
        with st.container(border=True):
            readout, names = _pick_readout(opened, module)
        wanted = Wanted(Parts(opened.name, name, module, reads, vectors, readout, names, opened.checksum), text)
        reads.encode(text)
    except InputError as error:
        st.info(escape(str(error)), icon=":material/edit:")
        return
    _offer(wanted)


def _show_held() -> None:
    """The models of this session, with the ways to the pages that show them."""
    for key, model in reversed(models.own_models().items()):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/deployed_code_account: **{escape(model.recipe.title)}**", width="content")
            for page, title, icon in PAGES:
                params.link(page, title, icon, _query(key, model))
            st.button("Let it go", key=f"let-go-{key}", type="tertiary", on_click=models.let_go, args=(key,))


def _query(key: str, model: Trained) -> dict[Param, str]:
    return {MODEL: key, TEXT: in_url(model.task.examples[0].text)}


def _taken(param: Param, read: Callable[[str, bytes], object]) -> Callable[[], None]:
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


def _pick_module(opened: Opened) -> tuple[str, nn.Module]:
    st.markdown(f"**2. What is in {escape(quoted(opened.name))}**")
    st.table(table(opened.modules).map(escape).set_index("recurrence"), alt="Recurrences in the file")
    name = params.choose("Look into", MODULE, opened.names, default=next(iter(opened.names)))
    module = opened.modules[name]
    st.caption(describe(module, opened.name))
    return name, module


def _pick_input(opened: Opened, module: nn.Module) -> tuple[Numbers | Words, Tensor | None, str]:
    """What is read, the vectors of its words, and an input."""
    features = int(module.input_size)  # type: ignore[arg-type]
    st.markdown("**3. What it reads**")
    vectors = vectors_in(opened.contents, features)
    kind = params.choose("It reads", READS, KINDS, default="words" if vectors else "numbers", pills=True)
    if kind == "numbers":
        reads, found = Numbers(features), None
        what = f"A table with a row for each step and {features} number{'s' * (features > 1)} in it: CSV or NPY"
    else:
        reads, found = _pick_words(vectors, features)
        what = "A text in a file"
    left, right = st.columns(2)
    box = Param(f"own-{kind}-{features}", public=False)
    with left:
        st.file_uploader(what, key=DATA, max_upload_size=MOST_MEGABYTES, on_change=_taken(DATA, _fill(box, reads)))
    with right:
        if params.held(box) is None:
            params.give(box, "" if kind == "words" else _sample(features))
        text = st.text_area("or typed here", key=box, max_chars=reads.characters, height=140)
    trouble = TROUBLE.get()
    if trouble:
        st.error(escape(trouble), icon=":material/block:")
    return reads, found, text or ""


def _fill(box: Param, reads: Numbers | Words) -> Callable[[str, bytes], None]:
    return lambda name, content: params.give(box, reads.text_of(name, content))


def _sample(features: int) -> str:
    """Twelve steps of a slow wave with as many features, so that there is something to see at once."""
    steps = torch.arange(12.0)[:, None]
    waves = torch.sin(steps * 0.6 + torch.arange(float(features)) * 0.9)
    return "\n".join(",".join(f"{value:.3f}" for value in row) for row in waves.tolist())


def _pick_words(vectors: Mapping[str, Tensor], features: int) -> tuple[Words, Tensor]:
    """The vocabulary and its vectors.

    Raises:
        InputError: if there is none yet, or it does not fit.
    """
    left, right = st.columns(2)
    with left:
        st.file_uploader(
            "Its vocabulary: a word on each line, in the order of the numbers (ids)", key=VOCABULARY,
            max_upload_size=MOST_MEGABYTES, on_change=_taken(VOCABULARY, _keep_words),
        )  # fmt: skip
    with right:
        tables = {name: f"{name}: {len(value):,} × {features}" for name, value in vectors.items()}
        tables[ONE_HOT] = "none: each word is a one among zeros (one-hot)"
        chosen = params.choose("Vectors of its words", VECTORS, tables, default=next(iter(tables)))
    words = WORDS.get()
    if words is None:
        raise InputError("Give the vocabulary: the network's file holds numbers of words, not the words themselves.")
    found = Words(words)
    table = torch.eye(features) if chosen == ONE_HOT else vectors[chosen]
    if len(words) != len(table):
        hint = " (a blank line counts, too)" if abs(len(words) - len(table)) < 4 else ""
        raise InputError(f"The vocabulary has {len(words):,} words and the vectors {len(table):,} rows{hint}.")
    return found, table


def _keep_words(name: str, content: bytes) -> None:
    WORDS.put(read_words(name, content))


def _pick_readout(opened: Opened, module: nn.Module) -> tuple[Readout | None, tuple[str, ...]]:
    """What reads the states, and what its outputs are called."""
    st.markdown("**4. What it gives** (if the file holds a linear readout)")
    there = readouts_in(opened.contents, units(module))
    offered = {name: f"{name}: {len(weight)} outputs" for name, (weight, _) in there.items()}
    offered = {NONE: "nothing: look at its states alone"} | offered
    left, middle, right = st.columns(3)
    with left:
        chosen = params.choose("Readout", READOUT, offered, default=NONE)
    if chosen == NONE:
        return None, ()
    with middle:
        gives = params.choose("Its outputs are", GIVES, ANSWERS, pills=True)
    with right:
        named = st.text_input("Their names, with commas between them", key=NAMES, max_chars=5_000) or ""
    names = tuple(name.strip() for name in named.split(",") if name.strip())
    return Readout(*there[chosen], classes=gives == "classes"), names


def _offer(wanted: Wanted) -> None:
    """The button that opens the model, and the proof that it is the original."""
    if st.button("Show its gates and states", type="primary", icon=":material/search:", key="own-open"):
        try:
            model = _built(wanted)
        except OwnError as error:
            st.error(escape(str(error)), icon=":material/block:")
            return
        models.keep(model)
        query = {str(name): value for name, value in _query(model.recipe.key, model).items()}
        st.switch_page("app_pages/explore.py", query_params=query)
    with st.expander("Is it the original? Prove it", icon=":material/verified:"):
        st.caption(
            "Give what your own program computed on this very input: states or outputs after every step, or the last "
            "ones, as NPY or CSV. The largest difference is shown, and where there is one, what would explain it."
        )
        st.file_uploader("Output of the original", key=OUTPUT, max_upload_size=MOST_MEGABYTES,
                         on_change=_taken(OUTPUT, _keep_output))  # fmt: skip
        output = PROOF.get()
        if output is not None:
            _prove(wanted, output)


def _keep_output(name: str, content: bytes) -> None:
    PROOF.take()
    PROOF.put(read_array(name, content))


def _built(wanted: Wanted) -> Trained:
    return build(wanted.parts, models.new_name(), wanted.text)


def _prove(wanted: Wanted, output: NDArray[Any]) -> None:
    try:
        model = _built(wanted)
        found = prove(model.network, model.encode(wanted.text), output)
    except OwnError as error:
        st.info(escape(str(error)), icon=":material/edit:")
        return
    if found.agrees:
        st.success(f"Proved: {found.what} of the original and of this network differ by at most {found.largest:.1g}.",
                   icon=":material/verified:")  # fmt: skip
        return
    where = "" if found.step is None else f", at step {found.step + 1}"
    hint = f" It would agree if the weights were read otherwise: {found.hint}." if found.hint else ""
    st.error(f"They are not the same: {found.what} differ by {found.largest:.3g}{where}.{hint}",
             icon=":material/difference:")  # fmt: skip
