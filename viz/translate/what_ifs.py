"""Taking the wheel: the what-ifs of all models, and short ways to another token, source word or attention."""

from __future__ import annotations

import streamlit as st

from core_models.edits.edit import PoolAttention, ReplaceToken
from core_models.language import say
from core_models.networks.translation import ATTENTION
from core_models.networks.translator import END, UNKNOWN
from pretrained.families.translation.trained import TrainedTranslator
from viz.explain.edits.controls import make_edit
from viz.explain.edits.stack import put_one
from viz.session import Selection
from viz.translate.answers import NEIGHBOURS, Request, ids_of, neighbours, run_of
from viz.translate.search import continue_from
from viz.translate.state import Screen, Shown, written_step


def show_what_ifs(on: Screen) -> Selection | None:
    """Every what-if that other models have, beside short ways to those that are about what is written."""
    st.caption(
        say(
            "Change something, and the rest is written again, next to the original. Only this one run changes, never "
            "the model. What-ifs belong to this source: typing another one removes them."
        )
    )
    left, right = st.columns(2)
    with left, st.container(border=True):
        make_edit(run_of(on.asked, on.original.reading, on.changed.answer))
    with right:
        step = _pick_step(on.changed, on.selection)
        with st.container(border=True):
            _choose_token(on.model, on.changed, step)
        with st.container(border=True):
            _replace_word(on.asked, on.original)
        if on.changed.attends and len(on.changed.sources) == len(on.original.sources):
            with st.container(border=True):
                _move_attention(on.changed, step, on.selection)
    return None


def _pick_step(shown: Shown, selection: Selection | None) -> int:
    steps = list(range(len(shown.targets)))
    default = written_step(selection, shown.trace) or 0
    return st.select_slider(
        say("Step to change"), steps, value=default, format_func=lambda t: f"{t + 1}: {shown.targets[t]}",
        key=f"step-{len(steps)}-{default}",
    )  # fmt: skip


def _choose_token(model: TrainedTranslator, shown: Shown, step: int) -> None:
    st.markdown(
        say("**Another token at step {step}.** The rest is written as if the network had chosen it.", step=step + 1)
    )
    found = shown.translation.steps[step]
    others = {
        one.token: f"{model.task.label(shown.reading.tokens.text, one.token)}  ({one.probability:.2%})"
        for one in found.candidates
        if one.token not in (found.chosen.token, END) and one.token >= UNKNOWN and one.token != 2
    }
    label = say("Candidate: the {n} most probable", n=len(others))
    token = st.selectbox(label, list(others), format_func=others.__getitem__, key=f"candidate-{step}")
    if st.button(say("Continue from it"), key="continue", disabled=token is None) and token is not None:
        continue_from(shown, step, token)


def _replace_word(asked: Request, original: Shown) -> None:
    st.markdown(
        say(
            "**Another source token.** The {n} nearest to it in the space of embeddings are offered.",
            n=NEIGHBOURS,
        )
    )
    labels = original.sources[:-1]
    place = st.selectbox(
        say("Token to replace"),
        range(len(labels)),
        format_func=lambda i: f"{i + 1}: {labels[i]}",
        key=f"place-{len(labels)}",
    )
    near = {
        i: say("{name}  (cosine {cosine:.2f})", name=name, cosine=cosine)
        for i, name, cosine in neighbours(asked.model, ids_of(original.reading)[place])
    }
    index = st.selectbox(say("Put there"), list(near), format_func=near.__getitem__, key=f"neighbour-{place}")
    if st.button(say("Replace it"), key="replace", disabled=index is None) and index is not None:
        put_one(ReplaceToken(place, index, typed=False))
        st.rerun()


def _move_attention(shown: Shown, step: int, selection: Selection | None) -> None:
    st.markdown(
        say(
            "**Other attention at step {step}.** The weights of this step are set directly, for all heads.",
            step=step + 1,
        )
    )
    labels = shown.sources
    weights = shown.trace.array(ATTENTION, "attention_weights")[:, step].mean(axis=0, dtype=float)
    clicked = selection.unit if selection and selection.site == ATTENTION and selection.step == step else None
    place = clicked if clicked is not None and clicked < len(labels) else int(weights.argmax())
    token = st.selectbox(
        say("Source token (click a cell of the matrix to choose it)"), range(len(labels)), index=place,
        format_func=lambda i: say("{n}: {token}, weight {weight:.3f}", n=i + 1, token=labels[i], weight=weights[i]),
        key=f"look-{step}-{place}-{len(labels)}",
    )  # fmt: skip
    share = st.slider(
        say("Weight of this token in %; the others keep their proportions"), 0, 100, round(100 * float(weights[token])),
        key=f"share-{step}-{token}",
    )  # fmt: skip
    with st.container(horizontal=True):
        if st.button(say("Give it this weight"), key="share"):
            drawn = tuple(part / 1e3 for part in shared(weights.tolist(), token, share))  # in percent
            put_one(PoolAttention("drawn", weights=drawn, steps=(step,)))
            st.rerun()
        if st.button(say("Look at it alone"), key="peak"):
            put_one(PoolAttention("one", position=token, steps=(step,)))
            st.rerun()
        if st.button(say("Spread evenly"), key="uniform"):
            put_one(PoolAttention("uniform", steps=(step,)))
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
