"""A check-up of one trace: what looks unusual, how serious it is, what it means, and where to look.

Every finding is a fact about the numbers with a threshold that is named in its sentence; none says that a network is
wrong. Thresholds are ours. Nothing here needs torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core_models.language import mark, say
from core_models.trace import Array, Site, Trace
from core_models.vocabulary import Kind, Quantity

SHUT, OPEN = 0.05, 0.95
"""Below and above these a gate is called shut and open: its slope there is less than a fifth of the largest."""

SQUASHED = 0.98
"""A value of tanh beyond this has a slope below 0.04."""

FROZEN = 1e-3
"""A unit that moves less than this over all background inputs is called dead."""

EVEN, SINGLE = 0.98, 0.99
"""Share of the largest possible entropy above which attention is even; weight above which it is on one token."""

FAR = 0.99
"""A last state farther from its nearest background state than this share of the background is from its own."""

SURE = 0.9


WORDS = (
    mark("Unknown words"),
    mark("Every word is known"),
    mark("The network reads every unknown word as the same “unknown” word, so it cannot tell them apart."),
)
NUMBERS = (
    mark("Missing values"),
    mark("No value is missing"),
    mark("Missing values were filled in before the network read them: it saw numbers that nobody measured."),
)
"""What is said of steps that the network could not read as they are: found, not found, and what it means."""


class Severity(StrEnum):
    """How serious a finding is."""

    WARNING = mark("warning")
    NOTE = mark("note")
    FINE = mark("fine")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        severity: warning: do not trust the answer or the picture before you have looked; note: worth knowing.
        title: what was found, short.
        detail: the numbers.
        meaning: what it means for a reader.
        at: address of a number to look at: site, quantity key, step, unit; None where there is none.
    """

    severity: Severity
    title: str
    detail: str
    meaning: str
    at: tuple[Site, str, int, int] | None = None


def examine(trace: Trace, trained: int | None = None) -> tuple[Finding, ...]:
    """Everything that is checked, warnings first.

    Args:
        trace: what the network computed, with background states where there are some.
        trained: tokens of the longest training input, if known.
    """
    found = [
        *_reading(trace, trained),
        *_distance(trace),
        *(finding for site, row in trace.find(Kind.GATE) for finding in _gate(trace, site, row)),
        *(finding for site, row in trace.find(Kind.STATE) for finding in _state(trace, site, row)),
        *_dead(trace),
        *(finding for site, _ in trace.find(Kind.WEIGHT) for finding in _attention(trace, site)),
    ]
    return tuple(sorted(found, key=lambda finding: list(Severity).index(finding.severity)))


def _reading(trace: Trace, trained: int | None) -> Iterator[Finding]:
    tokens = trace.sources or trace.tokens
    known = tokens.known or (True,) * len(tokens)
    missing, count = known.count(False), len(tokens)
    found, fine, meaning = WORDS if not any(key == "input_values" for _, key in trace) else NUMBERS
    if missing:
        severity = Severity.WARNING if missing / count > 0.25 else Severity.NOTE
        first = known.index(False)
        name = tokens.labels[first]
        detail = say(
            "{missing} of {count} tokens ({missing_2:.0%}), the first of them “{name}”",
            missing=missing,
            count=count,
            missing_2=missing / count,
            name=name,
        )
        yield Finding(severity, say(found), detail, say(meaning), _anywhere(trace, first))
    else:
        yield Finding(Severity.FINE, say(fine), say("{count} of {count} tokens", count=count), say(meaning))
    if trained is not None:
        meaning = say("The network was never trained on inputs this long: its states may drift.")
        detail = say("{count} tokens; the longest training input has {trained}", count=count, trained=trained)
        if count > trained:
            yield Finding(Severity.WARNING, say("Longer than anything it was trained on"), detail, meaning)
        else:
            yield Finding(Severity.FINE, say("Within the lengths of the training"), detail, meaning)


def _anywhere(trace: Trace, step: int) -> tuple[Site, str, int, int] | None:
    for site, row in trace.find(Kind.STATE):
        return site, row.key, step, 0
    return None


def _distance(trace: Trace) -> Iterator[Finding]:
    """Is the last state near those of other inputs, and how sure is the answer?"""
    if not trace.cells:
        return
    site = max((site for site in trace.sites(Kind.STATE) if site.direction == "forward"), default=None)
    outputs = [where for where, row in trace.find(Kind.OUTPUT) if row.key == "probability"]
    if site is None or not outputs or (site, "reference_states") not in trace:
        return
    cloud = trace.array(site, "reference_states").astype(np.float64)
    state = trace.array(site, "hidden_state")[-1].astype(np.float64)
    own, others = _nearest(cloud, state)
    beyond = float((others < own).mean())
    probability = float(trace.array(outputs[0], "probability")[-1])
    share = max(probability, 1.0 - probability)
    detail = say(
        "{own:.2f} from the nearest of {n} background states, {beyond:.0%} of which have a closer "
        "neighbour; the answer’s probability is {share:.0%}",
        own=own,
        n=len(cloud),
        beyond=beyond,
        share=share,
    )
    at = (site, "hidden_state", len(trace) - 1, 0)
    meaning = say("The readout was never trained on states like this one, so its answer here is a guess.")
    if beyond >= FAR and share > SURE:
        yield Finding(Severity.WARNING, say("Confident about an unfamiliar input"), detail, meaning, at)
    elif beyond >= FAR:
        yield Finding(Severity.NOTE, say("Far from the states of other inputs"), detail, meaning, at)
    else:
        yield Finding(Severity.FINE, say("The last state is close to those of other inputs"), detail, meaning, at)


def _nearest(cloud: NDArray[np.float64], state: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Distance of a state to its nearest neighbour in a cloud, and that of every member to its own."""
    squares = (cloud**2).sum(axis=1)
    apart = squares[:, None] + squares[None] - 2.0 * cloud @ cloud.T
    np.fill_diagonal(apart, np.inf)
    others = np.sqrt(np.maximum(apart.min(axis=1), 0.0))
    return float(np.sqrt(((cloud - state) ** 2).sum(axis=1).min())), others


def _gate(trace: Trace, site: Site, row: Quantity) -> Iterator[Finding]:
    values = trace.array(site, row.key)
    shut, opened = values < SHUT, values > OPEN
    share = float((shut | opened).mean())
    stuck = shut.all(axis=0) | opened.all(axis=0)
    place = say("{name}, {place}", name=row.label, place=site.label)
    detail = say(
        "{share:.0%} of its values are below {shut} or above {open}; {sum} of {size} units are on "
        "the same side at every token",
        share=share,
        shut=SHUT,
        open=OPEN,
        sum=stuck.sum(),
        size=stuck.size,
    )
    meaning = say("A gate near 0 or 1 passes almost no gradient, and one that never moves decides nothing.")
    at = None
    if stuck.any():
        at = (site, row.key, 0, int(np.argmax(stuck)))
    if share > 0.9:
        yield Finding(Severity.WARNING, say("Almost always near 0 or 1: {place}", place=place), detail, meaning, at)
    elif stuck.mean() > 0.25 and len(values) > 2:
        yield Finding(Severity.NOTE, say("Many units never change: {place}", place=place), detail, meaning, at)
    else:
        yield Finding(Severity.FINE, f"Varies: {place}", detail, meaning, at)


def _state(trace: Trace, site: Site, row: Quantity) -> Iterator[Finding]:
    values = trace.array(site, row.key)
    size = np.abs(values)
    worst = np.unravel_index(int(size.argmax()), size.shape)
    at = (site, row.key, int(worst[0]), int(worst[1]))
    place = say("{name}, {place}", name=row.label, place=site.label)
    if np.isinf(row.high) and row.key != "hidden_state":
        detail = f"largest |value| {size.max():.1f}, mean {size.mean():.2f}"
        meaning = say(
            "Where |c| is large, tanh(c) stays near ±1: the cell may keep counting, but the rest of the "
            "network cannot see it."
        )
        severity = Severity.NOTE if size.max() > 5.0 else Severity.FINE
        beyond = say("Beyond the range that tanh can show: {place}", place=place)
        within = say("Within the range that tanh can show: {place}", place=place)
        title = beyond if size.max() > 5.0 else within
        yield Finding(severity, title, detail, meaning, at)
        return
    share = float((size > SQUASHED).mean())
    detail = say(
        "{share:.0%} of its values are beyond ±{squashed}; largest |value| {max:.3f}",
        share=share,
        squashed=SQUASHED,
        max=size.max(),
    )
    meaning = say("Values near the limits of tanh hardly change, whatever is read, and pass almost no gradient.")
    if size.max() > 1.0 + 1e-4:
        meaning = say("Without a squashing function, a state can grow from token to token.")
        growing = bool(size.max() > 50.0)
        title = say("Growing: {place}", place=place) if growing else say("Stays small: {place}", place=place)
        yield Finding(Severity.WARNING if growing else Severity.FINE, title, detail, meaning, at)
    elif share > 0.5:
        yield Finding(Severity.WARNING, say("Mostly saturated: {place}", place=place), detail, meaning, at)
    else:
        yield Finding(Severity.FINE, say("Not saturated: {place}", place=place), detail, meaning, at)


def _dead(trace: Trace) -> Iterator[Finding]:
    """Units that never move over all background inputs, nor here."""
    meaning = say("A dead unit contributes nothing: removing it would change no answer.")
    for site, row in trace.find(Kind.REFERENCE):
        if row.key != "reference_states" or (site, "hidden_state") not in trace:
            continue
        cloud, here = trace.array(site, row.key), trace.array(site, "hidden_state")
        dead = np.flatnonzero((np.ptp(cloud, axis=0) < FROZEN) & (np.ptp(here, axis=0) < FROZEN))
        names = say(", ").join(str(unit) for unit in dead[:8]) + (" …" if len(dead) > 8 else "")
        detail = say(
            "{n} of {shape} units move less than {frozen} over {n_2} other inputs",
            n=len(dead),
            shape=cloud.shape[1],
            frozen=FROZEN,
            n_2=len(cloud),
        )
        if len(dead):
            at = (site, "hidden_state", 0, int(dead[0]))
            yield Finding(
                Severity.NOTE, say("Dead units, {label}: {names}", label=site.label, names=names), detail, meaning, at
            )
        else:
            yield Finding(Severity.FINE, say("No dead units, {label}", label=site.label), detail, meaning)


def _attention(trace: Trace, site: Site) -> Iterator[Finding]:
    weights = trace.array(site, "attention_weights")
    mask = trace.array(site, "attention_mask") if (site, "attention_mask") in trace else np.ones_like(weights)
    yield _forbidden(site, weights, mask)
    allowed = mask.sum(axis=-1)
    for head, rows in enumerate(weights):
        asked = allowed[min(head, len(allowed) - 1)] > 1
        if not asked.any():
            continue
        name = say("{place}, head {n}", place=site.label, n=head + 1) if len(weights) > 1 else site.label
        yield _spread(site, name, rows[asked], allowed[min(head, len(allowed) - 1)][asked], int(asked.nonzero()[0][-1]))


def _forbidden(site: Site, weights: Array, mask: Array) -> Finding:
    worst = float(np.abs(weights[mask == 0]).max(initial=0.0))
    none = say("No attention to masked positions: {site}", site=site.label)
    title = none if worst == 0.0 else say("Attention to masked positions: {site}", site=site.label)
    severity = Severity.FINE if worst == 0.0 else Severity.WARNING
    meaning = say("Weight on padding or on tokens not read yet would be an error in the network.")
    return Finding(severity, title, say("largest such weight {worst:g}", worst=worst), meaning)


def _spread(site: Site, name: str, rows: Array, allowed: NDArray[np.floating], last: int) -> Finding:
    """Is attention even, on one token, or something in between?"""
    logs = np.log(np.where(rows > 0, rows, 1.0), dtype=np.float64)
    entropy = -(rows * logs).sum(axis=-1) / np.log(allowed)
    at = (site, "attention_weights", last, int(rows[-1].argmax()))
    detail = say(
        "on average over all readers, entropy is {mean:.0%} of its maximum; the last reader’s "
        "largest weight is {max:.2f}",
        mean=entropy.mean(),
        max=rows[-1].max(),
    )
    if entropy.mean() > EVEN:
        meaning = say("Uniform attention averages all tokens: it selects nothing, and its heatmap explains nothing.")
        return Finding(Severity.NOTE, say("Almost uniform attention: {name}", name=name), detail, meaning, at)
    if float(rows.max(axis=-1).min()) > SINGLE:
        meaning = say("The context is then a single state; the others cannot reach the answer through it.")
        return Finding(Severity.NOTE, say("All attention on one token: {name}", name=name), detail, meaning, at)
    meaning = say(
        "It prefers some tokens. Whether the answer depends on them is tested under “Is attention an explanation?”."
    )
    return Finding(Severity.FINE, say("Selective attention: {name}", name=name), detail, meaning, at)
