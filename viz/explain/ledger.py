"""The memory ledger on the Explain page: who wrote what is remembered, and what erasing a token really does."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from core_models.explain.attribution.erasure import erase_each
from core_models.explain.memory.ledger import Ledger, ledger_sites, open_ledger
from core_models.explain.memory.logit_split import LogitSplit, split_logit
from core_models.heads.classes import READOUT
from core_models.trace import Site, Trace
from core_models.vocabulary import quantity
from viz import cards, controls, params, session
from viz.cards import Card, show, show_and_pick
from viz.figures.explain import ledger_answer
from viz.figures.explain.ledger_answer import Beside
from viz.figures.parts.token_axis import in_nouns, labels_of
from viz.figures.trace import ledger as ledger_view
from viz.figures.trace import ledger_history
from viz.kept import Kept
from viz.linked_plot import linked_text
from viz.markdown import escape
from viz.params import Param
from viz.placing import show_view
from viz.run import ModelRun
from viz.view import Options, Target

AFTER, FOLLOWED = Param("after"), Kept[str]("after the last")
"""The token after which the memory is shown, and the last one when that was chosen."""
LARGEST_ERROR = 1e-6

NO_LEDGER = (
    "This network has no memory ledger: it has no gate that keeps anything as it is, so every step squashes the whole "
    "state anew and nothing in it can be traced to one token. Choose a network with gates, such as a GRU or an LSTM."
)
CAUTION = (
    "**Bookkeeping, not cause.** The ledger adds up exactly *given the gates that were seen*. But every gate and every "
    "candidate was itself made from all tokens read before; without a token they would have been others."
)
BELOW = " What a token really does to the answer is in the lowest bars, where the text is read anew without it."


def show_ledger(asked: ModelRun) -> None:
    """The section: one layer's memory after one token, split among the tokens that wrote it."""
    trace = asked.trace
    if not ledger_sites(trace):
        st.info(NO_LEDGER, icon=":material/info:")
        return
    noun = trace.tokens.noun
    st.markdown(in_nouns(CAUTION, noun) + (BELOW if asked.classifies else ""))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        site = _pick_site(trace)
        target = Target(site, trace.cells[site].memory)
        order = controls.pick_order(trace, target)
    ledger = open_ledger(trace, site)
    _show_equation(ledger, trace)
    present = _pick_present(trace, ledger)
    clicked = _show_text(trace, ledger, present) if trace.tokens.text else None
    left, right = st.columns(2)
    with left:
        found = show_view(ledger_view.VIEW, trace, target, Options(order=order, step=present))
    labels = labels_of(trace, site)
    with right:
        row = show_and_pick(Card(
            key="ledger-history", title=f"How long each {noun} stays in memory", origin=asked.origin,
            question=f"What is left of each {noun} after every later one?",
            how_to_read=in_nouns(ledger_history.HOW_TO_READ, noun),
            figure=ledger_history.draw(ledger, labels, present, noun),
            numbers=partial(ledger_history.numbers, ledger, labels),
        ))  # fmt: skip
    _show_check(ledger, trace)
    if asked.classifies:
        _show_answer(asked, ledger, present)
    chosen = next((step for step in (clicked, row[0] if row else None) if step is not None), None)
    if chosen is None and found is not None:
        chosen = found[1][0]
    if chosen is not None and chosen != present:
        params.put(AFTER, str(chosen))
        st.rerun()


def _pick_site(trace: Trace) -> Site:
    sites = {site.key: site for site in ledger_sites(trace)}
    if len(sites) == 1:
        return next(iter(sites.values()))
    last = [key for key, site in sites.items() if site.direction == "forward"][-1]
    labels = {key: site.label for key, site in sites.items()}
    return sites[params.choose("Layer and direction", controls.LAYER, labels, default=last, pills=True)]


def _show_equation(ledger: Ledger, trace: Trace) -> None:
    """The cell's own update and what it is unrolled."""
    convention, memory = trace.cells[ledger.site], quantity(ledger.memory)
    letter = memory.latex.removesuffix("_t")
    unrolled = (
        rf"{letter}_T = \sum_{{s \le T}} \Big( \prod_{{s < k \le T}} \kappa_k \Big) \odot w_s + \text{{rest of }}"
    )
    update = convention.equation(memory.latex) or rf"{memory.latex} = \kappa_t \odot {letter}_{{t-1}} + w_t"
    with st.expander("The equation behind it", icon=":material/function:", key="ledger-equation"):
        st.latex(cards.aligned([update, unrolled + rf"{letter}_0"]))
        st.caption(in_nouns(_words(ledger, trace), trace.tokens.noun))


def _words(ledger: Ledger, trace: Trace) -> str:
    convention = trace.cells[ledger.site]
    gate, keeps = next(iter(convention.keeps_past.items()))
    symbol = quantity(gate).symbol
    kept = symbol if keeps else f"1 − {symbol}"
    if convention.scaled_by:
        kept += f" times the {quantity(convention.scaled_by).label} of the step before"
    wrote = quantity(convention.writes).symbol if convention.writes else "1 − κₜ"
    return escape(
        f"κₜ is what a step keeps of the memory, here {kept}; wₜ is what it writes, here {wrote} times its candidate. "
        "The sum is taken in double precision from the numbers in the trace. Gate-implied attention is a token’s share "
        "of all that was written and is still there: the sum over units of the absolute parts, divided by that sum for "
        "all tokens, so that parts that cancel each other count in full."
    )


def _pick_present(trace: Trace, ledger: Ledger) -> int:
    """The token after which the memory is shown; the one read last until another is chosen."""
    steps = [str(step) for step in range(len(trace))]
    params.take_up(AFTER, steps)
    end = str(ledger.last)
    if params.held(AFTER) == FOLLOWED.get():
        params.give(AFTER, end)
    FOLLOWED.put(end)
    labels = labels_of(trace, ledger.site)
    if len(steps) == 1:
        return int(end)
    options = {step: f"{number + 1}: {labels[number]}" for number, step in enumerate(steps)}
    return int(params.slide(f"Memory after {trace.tokens.noun}", AFTER, options, default=end))


def _show_text(trace: Trace, ledger: Ledger, present: int) -> int | None:
    """The text, each token shaded by its share; returns one that was clicked."""
    shares = ledger.at(present).shares
    shades = (shares / shares.max()).tolist() if shares.max() > 0.0 else [0.0] * len(shares)
    notes = [f"{share:.1%} of the memory" for share in shares.tolist()]
    tokens = trace.tokens
    return linked_text(tokens.text, tokens.spans, key="ledger-text", values=shades, notes=notes, selected=present)


def _show_check(ledger: Ledger, trace: Trace) -> None:
    error = ledger.error(trace)
    largest = max(1.0, float(np.abs(trace.array(ledger.site, ledger.memory)).max()))
    icon, color = (
        (":material/check_circle:", "green") if error <= LARGEST_ERROR * largest else (":material/error:", "red")
    )
    st.markdown(
        f":{color}[{icon}] The parts add up to the {quantity(ledger.memory).label} in every unit, after every token: "
        f"the largest difference is {error:.1e}, where the largest value is {largest:.3g}."
    )


def _show_answer(asked: ModelRun, ledger: Ledger, present: int) -> None:
    """The ledger carried through the readout, beside erasing each token."""
    st.subheader("From memory to the answer, and what erasing a token really does", divider="gray")
    trace = asked.trace
    split = split_logit(asked.model.network, trace, present)
    beside = _beside(asked, ledger, present, split)
    st.markdown(escape(ledger_answer.describe(beside)))
    if len(trace) == 1 or present == 0:
        st.caption("The first token alone cannot be erased: nothing would be left to read.")
    heading = f"The answer after “{labels_of(trace)[present]}”: written, and really done"
    show(Card(
        key="ledger-answer", title=heading, origin=asked.origin,
        question="Does what a token wrote agree with what erasing it does?", how_to_read=ledger_answer.HOW_TO_READ,
        figure=ledger_answer.draw(beside), numbers=partial(ledger_answer.numbers, beside),
    ))  # fmt: skip
    st.caption(escape(_convention(asked, ledger, split)))


def _beside(asked: ModelRun, ledger: Ledger, present: int, split: LogitSplit | None) -> Beside:
    trace = asked.trace
    logit = float(trace.array(READOUT, "logit")[present])
    erased = np.full(len(trace), np.nan)
    erased[: present + 1] = logit - erased_logits(asked.model.recipe.key, asked.text, present)
    moved = _sigmoid(logit) - _sigmoid(logit - erased)
    parts = split.tokens if split else None
    return Beside(labels_of(trace), ledger.at(present).shares, parts, erased, moved, ledger.site.label)


@st.cache_resource(max_entries=128, show_spinner=False)
def erased_logits(key: str, text: str, present: int) -> np.ndarray:
    """Logit of the text up to the token at ``present`` without each of its tokens, ``[token]``."""
    reading, _ = session.traced(key, text)
    return erase_each(session.model(key).network, reading.ids[: present + 1])


def _convention(asked: ModelRun, ledger: Ledger, split: LogitSplit | None) -> str:
    """How the split was made, and what is not a token's part."""
    said = f"The shares on top are of {ledger.site.label}. "
    if split is None:
        if asked.model.network.architecture.bidirectional:
            return said + "This network reads from both ends, so its answer can only be split after the last token."
        return said + "The readout reads states that have no ledger, so the logit cannot be split among tokens."
    said += f"The parts sum to {split.tokens.sum():+.4f}"
    said += f"; with {split.constant + split.initial:+.4f} from the biases that is {split.total:.4f}, "
    said += f"the logit ({split.logit:.4f}; difference {abs(split.total - split.logit):.0e}). "
    if ledger.memory != "hidden_state":
        said += (
            "The readout sees h = o ⊙ tanh(c): each unit’s h is shared out in proportion to the parts of its c, which "
            "is exact and adds up, but is one convention among several. "
        )
    if asked.model.network.attention is not None:
        said += (
            "The readout reads attention’s context: each state that it looks at is split by its own ledger and counted "
            "with its weight, the weights taken as given. "
        )
    if asked.model.network.architecture.layers > 1:
        said += (
            "A token here is a position at which the topmost layer wrote; what it wrote came through the layers below."
        )
    return said


def _sigmoid(logits: np.ndarray | float) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-np.asarray(logits, dtype=np.float64)))
