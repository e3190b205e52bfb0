"""Taking the wheel: force a beginning, choose another token, replace a source word, move the attention."""

from __future__ import annotations

import streamlit as st

from core_models.encoded import Encoded
from core_models.networks.translation import ATTENTION
from core_models.networks.translator import END, UNKNOWN
from pretrained.families.translation.trained import TrainedTranslator
from viz.markdown import escape
from viz.session import Selection
from viz.translate import controls
from viz.translate.answers import NEIGHBOURS, Request, ids_of, neighbours
from viz.translate.search import continue_from
from viz.translate.state import Shown, written_step
from viz.translate.what_if import TRAINED_SCORE, WhatIf

SCORE_NAMES = {"dot": "dot product", "scaled_dot": "scaled dot product"}


def describe(slot: str, value: str, model: TrainedTranslator, reading: Encoded) -> str:
    """One what-if in words, safe for Markdown."""
    labels, task = reading.tokens.labels, model.task
    if slot == "y":
        words = task.spell(reading.tokens.text, [int(part) for part in value.split(".")])
        return f"the answer begins with “{escape(words)}”"
    if slot == "s":
        name, hundredths = value.split(".")
        how = "its own score" if name == TRAINED_SCORE else f"the {SCORE_NAMES[name]}"
        return f"attention compares by {how}, at temperature {int(hundredths) / 100:g}"
    place = int(slot[1:])
    if slot[0] == "x":
        return f"“{escape(labels[place])}” is replaced by “{escape(task.source.label(int(value)))}”"
    if value == "u":
        return f"step {place + 1} looks at all source tokens alike"
    if value[0] == "p":
        at = int(value[1:])
        return f"step {place + 1} looks at token {at + 1}, “{escape(labels[at])}”, alone"
    return f"step {place + 1} has its attention shared out by hand"


def list_what_ifs(model: TrainedTranslator, reading: Encoded, what_if: WhatIf) -> None:
    """Every what-if with a button that removes it."""
    if not what_if:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="what-ifs"):
        st.markdown("**What if**", width="content")
        for slot, value in what_if.slots:
            label = describe(slot, value, model, reading)
            if st.button(escape(label), key=f"drop-{slot}", icon=":material/close:", help="Remove this what-if"):
                controls.put_edits(what_if.drop(slot).address)
                st.rerun()
        if len(what_if.slots) > 1 and st.button("Remove all", key="drop-all", type="tertiary"):
            controls.put_edits("")
            st.rerun()


def show_what_ifs(
    model: TrainedTranslator,
    asked: Request,
    original: Shown,
    changed: Shown,
    selection: Selection | None,
    what_if: WhatIf,
) -> Selection | None:
    """Four ways to change the course; the model itself never changes."""
    st.caption(
        "Change something and the rest is written anew, with the original beside it. Only this one run changes, never "
        "the model. What-ifs belong to this source: typing another one removes them."
    )
    step = _pick_step(changed, selection)
    left, right = st.columns(2)
    with left, st.container(border=True):
        _choose_token(model, changed, step, what_if)
    with left, st.container(border=True):
        _force_beginning(model, changed.reading.tokens.text, what_if)
    with right, st.container(border=True):
        _replace_word(model, asked, original, what_if)
    if changed.attends:
        with right, st.container(border=True):
            _move_attention(changed, step, selection, what_if)
    return None


def _pick_step(shown: Shown, selection: Selection | None) -> int:
    steps = list(range(len(shown.targets)))
    default = written_step(selection, shown.trace) or 0
    return st.select_slider(
        "Step to change", steps, value=default, format_func=lambda t: f"{t + 1}: {shown.targets[t]}",
        key=f"step-{len(steps)}-{default}",
    )  # fmt: skip


def _choose_token(model: TrainedTranslator, shown: Shown, step: int, what_if: WhatIf) -> None:
    st.markdown(f"**Another token at step {step + 1}.** The rest is written as if the network had chosen it.")
    found = shown.translation.steps[step]
    others = {
        one.token: f"{model.task.label(shown.reading.tokens.text, one.token)}  ({one.probability:.2%})"
        for one in found.candidates
        if one.token not in (found.chosen.token, END) and one.token >= UNKNOWN and one.token != 2
    }
    label = f"Candidate: the {len(others)} most probable"
    token = st.selectbox(label, list(others), format_func=others.__getitem__, key=f"candidate-{step}")
    if st.button("Continue from it", key="continue", disabled=token is None) and token is not None:
        continue_from(shown, step, token, what_if)


def _force_beginning(model: TrainedTranslator, source: str, what_if: WhatIf) -> None:
    st.markdown("**Begin the answer yourself.** What you type is written first, whatever the network would have said.")
    typed = st.text_input("The answer begins with", key="prefix", max_chars=200)
    if st.button("Begin so", key="begin"):
        ids = tuple(model.task.aim(source, (typed or "").strip())[:-1])
        if not ids:
            st.info("Type the first tokens of the answer, then press “Begin so”.", icon=":material/edit:")
        elif len(ids) >= model.task.longest:
            st.info(
                f"Type at most {model.task.longest - 1} tokens; this has {len(ids)}.", icon=":material/content_cut:"
            )
        else:
            controls.put_edits(what_if.begin(ids).address)
            st.rerun()


def _replace_word(model: TrainedTranslator, asked: Request, original: Shown, what_if: WhatIf) -> None:
    st.markdown(f"**Another source token.** The {NEIGHBOURS} nearest to it in the space of embeddings are offered.")
    labels = original.sources[:-1]
    place = st.selectbox(
        "Token to replace",
        range(len(labels)),
        format_func=lambda i: f"{i + 1}: {labels[i]}",
        key=f"place-{len(labels)}",
    )
    near = {
        i: f"{name}  (cosine {cosine:.2f})"
        for i, name, cosine in neighbours(asked.model, ids_of(original.reading)[place])
    }
    index = st.selectbox("Put there", list(near), format_func=near.__getitem__, key=f"neighbour-{place}")
    if st.button("Replace it", key="replace", disabled=index is None) and index is not None:
        controls.put_edits(what_if.swap(place, index).address)
        st.rerun()


def _move_attention(shown: Shown, step: int, selection: Selection | None, what_if: WhatIf) -> None:
    st.markdown(f"**Other attention at step {step + 1}.** The weights of this step are said outright, for all heads.")
    labels = shown.sources
    weights = shown.trace.array(ATTENTION, "attention_weights")[:, step].mean(axis=0, dtype=float)
    clicked = selection.unit if selection and selection.site == ATTENTION and selection.step == step else None
    place = clicked if clicked is not None and clicked < len(labels) else int(weights.argmax())
    token = st.selectbox(
        "Source token (click a cell of the matrix to choose it)", range(len(labels)), index=place,
        format_func=lambda i: f"{i + 1}: {labels[i]}, weight {weights[i]:.3f}",
        key=f"look-{step}-{place}-{len(labels)}",
    )  # fmt: skip
    share = st.slider(
        "Weight of this token in %; the others keep their proportions", 0, 100, round(100 * float(weights[token])),
        key=f"share-{step}-{token}",
    )  # fmt: skip
    with st.container(horizontal=True):
        if st.button("Give it this weight", key="share"):
            controls.put_edits(what_if.share(step, shared(weights.tolist(), token, share)).address)
            st.rerun()
        if st.button("Look at it alone", key="peak"):
            controls.put_edits(what_if.put(f"a{step}", f"p{token}").address)
            st.rerun()
        if st.button("Look at all alike", key="uniform"):
            controls.put_edits(what_if.put(f"a{step}", "u").address)
            st.rerun()


def shared(weights: list[float], place: int, percent: int) -> list[int]:
    """Weights in hundred-thousandths with ``percent`` at one place and the rest in proportion (alike if all are 0)."""
    rest = sum(weights) - weights[place]
    left = 1 - percent / 100
    others = len(weights) - 1
    return [
        round(1e5 * (percent / 100 if i == place else left * (w / rest if rest > 1e-9 else 1 / max(others, 1))))
        for i, w in enumerate(weights)
    ]
