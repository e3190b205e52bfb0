"""The memory ledger on the Explain page: who wrote what is remembered, and what erasing a token really does."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st
import torch

from core_models.edits.edit import DECODER
from core_models.explain.attribution.erasure import erase_each, leave_each
from core_models.explain.memory.deletion import Deletion, delete_writing
from core_models.explain.memory.ledger import ROUNDING, Ledger, ledger_sites, open_ledger
from core_models.explain.memory.logit_split import LogitSplit, split_logit
from core_models.language import mark, say, together
from core_models.networks.sequence import SequenceNetwork
from core_models.target import Target as Asked
from core_models.trace import Site, Trace
from core_models.vocabulary import quantity
from pretrained.task import StandIn
from viz import cards, controls, params
from viz.cards import Card, show, show_and_pick
from viz.explain.attribution import logit_of
from viz.explain.target import Question, pick_question
from viz.figures.explain import ledger_answer
from viz.figures.explain.ledger_answer import Beside
from viz.figures.parts.token_axis import in_nouns, labels_of, with_article
from viz.figures.trace import ledger as ledger_view
from viz.figures.trace import ledger_history
from viz.kept import Kept
from viz.linked_plot import linked_text
from viz.markdown import escape
from viz.params import Param
from viz.placing import show_view
from viz.remembered import remembered
from viz.run import ModelRun
from viz.view import Options, Target

AFTER, FOLLOWED = Param("after"), Kept[str]("after the last")
"""The token after which the memory is shown, and the last one when that was chosen."""

EXACT = 1e-4
"""Up to which share of the largest part a difference in float32 is rounding."""

BOOKKEEPING = mark("**Bookkeeping, not cause.** The ledger adds up exactly *given the gates that were seen*.")
FROM_STATES = mark(
    "But every gate and every candidate depends on all tokens read before; without one of those tokens they would "
    "have been different."
)
HIDDEN = mark(
    "**Here the ledger is an attention matrix.** Neither gates nor candidate of this cell read the state: deleting "
    "what a token wrote changes the memory by exactly its part (the *hidden attention* of Ali et al. 2024). In a GRU "
    "or LSTM this does not hold, because there every later gate would have been different."
)
FROM_INPUT = mark(
    "Still, what a layer reads comes from the layers below, and erasing a token altogether also removes what its gates "
    "did to older memory."
)
WRITTEN = mark(
    "The output layer reads the decoder’s state, the context and the token before through a tanh: each of its features "
    "is divided in proportion to what was summed in it, which adds up exactly but is one convention among several."
)
ERASED = mark("when the input is read again without it, or with an unknown or average value in its place")
STAYS = mark("when the decoder’s state stays at this step what it was before, and everything later is computed anew")
BELOW = mark("The lowest bars show the real effect of a token on the answer: the input is read again without it.")


def caution(trace: Trace) -> str:
    """Why the ledger is no cause, by what the gates of the cells read."""
    reads = any(trace.cells[site].gates_read_state for site in ledger_sites(trace))
    said = [*((BOOKKEEPING, FROM_STATES) if reads else (HIDDEN, FROM_INPUT)), *([] if trace.sources else [BELOW])]
    return in_nouns(together(*map(say, said)), trace.tokens.noun)


def show_ledger(asked: ModelRun) -> None:
    """The section: one layer's memory after one token, split among the tokens that wrote it."""
    trace, noun = asked.trace, asked.tokens.noun
    st.markdown(caution(trace))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        site = _pick_site(trace)
        target = Target(site, trace.cells[site].memory)
        order = controls.pick_order(trace, target)
    ledger = open_ledger(trace, site)
    _show_equation(ledger, trace)
    present = _pick_present(trace, ledger)
    clicked = _show_text(trace, ledger, present) if trace.tokens_of(site).text else None
    left, right = st.columns(2)
    with left:
        found = show_view(ledger_view.VIEW, trace, target, Options(order=order, step=present))
    labels = labels_of(trace, site)
    with right:
        row = show_and_pick(
            Card(
                key="ledger-history",
                title=say("How long each {noun} stays in memory", noun=say(noun)),
                origin=asked.origin,
                question=say("What is left of each {noun} after every later one?", noun=say(noun)),
                how_to_read=in_nouns(say(ledger_history.HOW_TO_READ), noun),
                figure=ledger_history.draw(ledger, labels, present, noun),
                numbers=partial(ledger_history.numbers, ledger, labels),
            )
        )
    _show_check(ledger, trace)
    _show_deletion(asked, ledger, present)
    _show_answer(asked, ledger)
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
    return sites[params.choose(say("Layer and direction"), controls.LAYER, labels, default=last, pills=True)]


def _show_equation(ledger: Ledger, trace: Trace) -> None:
    """The cell's own update and what it is unrolled."""
    convention, memory = trace.cells[ledger.site], quantity(ledger.memory)
    letter = memory.latex.removesuffix("_t")
    unrolled = (
        rf"{letter}_T = \sum_{{s \le T}} \Big( \prod_{{s < k \le T}} \kappa_k \Big) \odot w_s + \text{{rest of }}"
    )
    update = convention.equation(memory.latex) or rf"{memory.latex} = \kappa_t \odot {letter}_{{t-1}} + w_t"
    with st.expander(say("The equation behind it"), icon=":material/function:", key="ledger-equation"):
        st.latex(cards.aligned([update, unrolled + rf"{letter}_0"]))
        st.caption(in_nouns(_words(ledger, trace), trace.tokens.noun))


def _words(ledger: Ledger, trace: Trace) -> str:
    convention = trace.cells[ledger.site]
    gate, keeps = next(iter(convention.keeps_past.items()))
    symbol = quantity(gate).symbol
    kept = symbol if keeps else f"1 − {symbol}"
    if convention.shared and convention.writes:
        kept = f"{symbol} / ({symbol} + {quantity(convention.writes).symbol})"
    if convention.scaled_by:
        kept = say("{kept} times the {label} of the step before", kept=kept, label=quantity(convention.scaled_by).label)
    wrote = quantity(convention.writes).symbol if convention.writes and not convention.shared else "1 − κₜ"
    wrote = f"({wrote}) · {quantity(convention.selects).symbol}" if convention.selects else wrote
    return escape(
        say(
            "κₜ is what a step keeps of the memory, here {kept}; wₜ is what it writes, here "
            "{wrote} times its candidate. The sum is taken in double precision from the numbers "
            "in the trace. Gate-implied attention is a token’s share of all that was written and "
            "is still there: the sum over units of the absolute parts, divided by that sum for "
            "all tokens, so parts that cancel each other still count in full.",
            kept=kept,
            wrote=wrote,
        )
    )


def _pick_present(trace: Trace, ledger: Ledger) -> int:
    """The token after which the memory is shown; the one read last until another is chosen."""
    labels = labels_of(trace, ledger.site)
    steps = [str(step) for step in range(len(labels))]
    params.take_up(AFTER, steps)
    end = str(ledger.last)
    if params.held(AFTER) == FOLLOWED.get():
        params.give(AFTER, end)
    FOLLOWED.put(end)
    if len(steps) == 1:
        return int(end)
    options = {step: f"{number + 1}: {labels[number]}" for number, step in enumerate(steps)}
    return int(
        params.slide(
            say("Memory after {noun}", noun=say(trace.tokens_of(ledger.site).noun)), AFTER, options, default=end
        )
    )


def _show_text(trace: Trace, ledger: Ledger, present: int) -> int | None:
    """The text, each token shaded by its share; returns one that was clicked."""
    shares = ledger.at(present).shares
    shades = (shares / shares.max()).tolist() if shares.max() > 0.0 else [0.0] * len(shares)
    said = say("{share:.1%} of the memory")
    notes = [said.format(share=share) for share in shares.tolist()]
    tokens = trace.tokens_of(ledger.site)
    return linked_text(tokens.text, tokens.spans, key="ledger-text", values=shades, notes=notes, selected=present)


def _show_check(ledger: Ledger, trace: Trace) -> None:
    error, memory = ledger.error(trace), quantity(ledger.memory).label
    largest = float(np.abs(trace.array(ledger.site, ledger.memory)).max())
    beside = say(
        "the largest difference is {error:.1e} of the largest value, {largest:.3g}", error=error, largest=largest
    )
    if largest < 1.0:
        beside = say("the largest difference is {error:.1e}", error=error)
    if error <= ROUNDING:
        said = say(
            "The parts add up to the {memory} in every unit, after every token: {beside}.", memory=memory, beside=beside
        )
        st.markdown(f":green[:material/check_circle:] {said}")
    else:
        st.markdown(
            ":red[:material/error:] "
            + say(
                "The parts do not add up to the {memory}: {beside}, more than rounding.",
                memory=memory,
                beside=beside,
            )
        )


def _show_deletion(asked: ModelRun, ledger: Ledger, present: int) -> None:
    """Whether the memory really lacks a token's part where what it wrote is deleted."""
    if not isinstance(asked.model.network, SequenceNetwork):
        return
    found = deletion(asked.model.recipe.key, asked.given.key, ledger.site, present, asked, ledger)
    if found is None:
        return
    labels, exact = labels_of(asked.trace, ledger.site), found.gap <= EXACT
    fields = {
        "wrote": f"{found.written + 1}: {labels[found.written]}", "after": f"{present + 1}: {labels[present]}",
        "gap": found.gap,
    }  # fmt: skip
    said = say(
        "Deleted and computed anew: without what “{wrote}” wrote, the memory after “{after}” lacks exactly its part "
        "(the largest difference is {gap:.0e} of it).", **fields,
    ) if exact else say(
        "Deleted and computed anew: without what “{wrote}” wrote, the memory after “{after}” lacks something else than "
        "its part; in one unit the difference is {gap:.0%} of the largest part, because later gates read another "
        "state.", **fields,
    )  # fmt: skip
    st.markdown((":green[:material/check_circle:] " if exact else ":orange[:material/info:] ") + escape(said))


@remembered(max_entries=128)
def deletion(
    key: str, given: str | StandIn, site: Site, present: int, _asked: ModelRun, _ledger: Ledger
) -> Deletion | None:
    """See ``delete_writing``."""
    return delete_writing(_asked.model.network, _asked.encoded, _asked.trace, _ledger, present)


def _show_answer(asked: ModelRun, ledger: Ledger) -> None:
    """The ledger carried through the readout, beside erasing each token."""
    noun = asked.trace.tokens_of(ledger.site).noun
    writes = ledger.site == DECODER
    effect = say("leaving it out") if writes else say("erasing it")
    what = {"noun": with_article(noun), "effect": effect}
    heading = say("From memory to the answer: what {noun} wrote, and the real effect of {effect}", **what)
    st.header(heading, divider="gray")
    question = pick_question(asked)
    split = split_logit(asked.model.network, asked.trace, question.target)
    beside = _beside(question, ledger, split)
    st.markdown(escape(ledger_answer.describe(beside)))
    if len(asked.encoded) == 1 and not writes:
        st.caption(say("The only {noun} cannot be erased: there would be nothing left to read.", noun=say(noun)))
    show(Card(
        key="ledger-answer", title=say(
            "{measure}: what was written, and what it really does", measure=sentence_case(question.measure)),
        origin=asked.origin,
        question=say("Does what {noun} wrote agree with the effect of {effect}?", **what),
        how_to_read=in_nouns(ledger_answer.how_to_read(beside), noun),
        figure=ledger_answer.draw(beside), numbers=partial(ledger_answer.numbers, beside),
    ))  # fmt: skip
    st.caption(escape(in_nouns(_convention(question, ledger, split), noun)))


def sentence_case(text: str) -> str:
    """The text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def _beside(question: Question, ledger: Ledger, split: LogitSplit | None) -> Beside:
    asked, head = question.asked, question.head
    value = asked.outputs.value(question.target)
    without = erased_values(asked.model.recipe.key, asked.given.key, question.target, ledger.site, asked)
    chance = head.squash(torch.tensor([value, *without], dtype=torch.float64)).numpy()
    return Beside(
        tokens=labels_of(asked.trace, ledger.site),
        shares=ledger.at(ledger.last if question.is_written and ledger.site != DECODER else question.place).shares,
        parts=split.along(ledger.site) if split else None,
        erased=value - without,
        moved=chance[0] - chance[1:],
        site=ledger.site.label,
        written=logit_of(question),
        unit=say(head.unit),
        noun=asked.trace.tokens_of(ledger.site).noun,
        without=say(STAYS if ledger.site == DECODER else ERASED),
    )


@remembered(max_entries=128)
def erased_values(key: str, given: str | StandIn, target: Asked, site: Site, _asked: ModelRun) -> np.ndarray:
    """The output without each token of a site, ``[step]``: see ``erase_each``, and ``leave_each`` for a decoder."""
    erase = leave_each if site == DECODER else erase_each
    return erase(_asked.model.network, _asked.encoded, target)


def _convention(question: Question, ledger: Ledger, split: LogitSplit | None) -> str:
    """How the split was made, and what is not a token's part."""
    network, what = question.asked.model.network, logit_of(question)
    said = [say("The shares on top belong to {layer}.", layer=ledger.site.label)]
    if split is None:
        why = say(
            "The readout reads states that have no ledger, so the {what} cannot be split among tokens.", what=what
        )
        return together(*said, why)
    said += [say(WRITTEN)] if question.is_written else []
    said.append(_sum(question, ledger, split))
    if question.is_probability and question.target.against is None and not getattr(question.head, "binary", False):
        said.append(say("It is the logit of this output alone; its log-odds also depend on those of all others."))
    if ledger.memory != "hidden_state":
        bent = "tanh" in (question.asked.trace.cells[ledger.site].equation("h_t") or "")
        said.append(say(
            "The readout sees h = o ⊙ tanh(c): each unit’s h is divided in proportion to the parts of its c, which "
            "adds up exactly but is one convention among several."
        ) if bent else say(
            "The readout sees a multiple of the {memory}: each unit’s h is divided as its memory is.",
            memory=quantity(ledger.memory).label,
        ))  # fmt: skip
    if network.attention is not None:
        said.append(say(
            "The readout reads attention’s context: each state it attends to is split by its own ledger and counted "
            "with its attention weight, taking the weights as given."
        ))  # fmt: skip
    if network.architecture.layers > 1 and ledger.site != DECODER:
        said.append(say(
            "A token here means a position at which the top layer wrote; what it wrote came through the layers below."
        ))  # fmt: skip
    return together(*said)


def _sum(question: Question, ledger: Ledger, split: LogitSplit) -> str:
    """What the parts sum to, and what else there is."""
    numbers = {
        "parts": split.along(ledger.site).sum(), "rest": split.constant + split.initial, "total": split.total,
        "logit": split.logit, "gap": abs(split.total - split.logit),
    }  # fmt: skip
    if not question.is_written:
        return say(
            "The parts sum to {parts:+.4f}; with {rest:+.4f} from the biases and the initial state, this is "
            "{total:.4f}, what the readout gives ({logit:.4f}; difference {gap:.0e}).",
            **numbers,
        )
    if ledger.site == DECODER:
        return say(
            "The parts sum to {parts:+.4f}; with {others:+.4f} from the source, through the context, and {rest:+.4f} "
            "from the token before, the biases and the initial states, this is {total:.4f}, what the readout gives "
            "({logit:.4f}; difference {gap:.0e}).",
            others=split.tokens.sum(),
            **numbers,
        )
    return say(
        "The parts sum to {parts:+.4f}; with {others:+.4f} from what the decoder wrote, and {rest:+.4f} from the token "
        "before, the biases and the initial states, this is {total:.4f}, what the readout gives ({logit:.4f}; "
        "difference {gap:.0e}).",
        others=split.steps.sum(),
        **numbers,
    )
