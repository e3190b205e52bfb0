"""Everything inside a translator while it writes one target, as a trace with two token axes.

The target is given, whether a search found it, a person chose it, or it is a reference (teacher forcing): one pass over
it gives every value. Sites of the encoder stand on the source axis; those of the decoder, the attention (as its query)
and the output on the target axis. Index t of a decoder's site is the step that wrote target token t: the state s_t that
was reached by reading the token before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core_models.cells.parameters import PEEPHOLE
from core_models.cells.recurrence import Recurrent, recurrence
from core_models.edits.edit import DECODER, Stack
from core_models.encoded import State
from core_models.heads.written import OUTPUT
from core_models.networks.translator import AS_TRAINED, BEGIN, Course, Memory, Translator
from core_models.trace import Site, Tokens, Trace
from core_models.tracing import Replay, as_entries

SOURCE, TARGET, ATTENTION = Site("source_embedding"), Site("target_embedding"), Site("attention")
CANDIDATES = 10
"""Most probable next tokens that a trace holds at every step."""


@dataclass(frozen=True)
class Candidate:
    """One token that could have been written at a step, with its probability and logit."""

    token: int
    probability: float
    logit: float


@dataclass(frozen=True)
class Step:
    """What the output said at one step.

    Attributes:
        candidates: the most probable tokens, the best first.
        chosen: the token that was written; also where it is not among the candidates.
        rank: place of the chosen token among all tokens, counted from 1.
    """

    candidates: tuple[Candidate, ...]
    chosen: Candidate
    rank: int


@dataclass(frozen=True)
class Translation:
    """One target written for one source, with everything inside.

    Attributes:
        source: source ids, the end included.
        target: target ids, the end included where it was reached.
        trace: every value.
        steps: what the output said at every step.
        stack: what was changed.
    """

    source: tuple[int, ...]
    target: tuple[int, ...]
    trace: Trace
    steps: tuple[Step, ...]
    stack: Stack = ()

    @property
    def log_probability(self) -> float:
        """Of the whole target, in nats."""
        return float(sum(torch.tensor([step.chosen.probability for step in self.steps]).double().log()))


@torch.no_grad()
def follow(
    network: Translator,
    values: Replay,
    memory: Memory,
    source: tuple[int, ...],
    target: tuple[int, ...],
    sources: Tokens,
    targets: Tokens | None = None,
    course: Course = AS_TRAINED,
    stack: Stack = (),
    *,
    name: str = "",
) -> Translation:
    """The target written for what was read, with every value of both.

    Args:
        network: the network.
        values: of the encoder, on one source.
        memory: what it hands to the decoder.
        source, target: ids.
        sources, targets: names of the tokens; those of the target are numbered from 1 if None.
        course: what is to be otherwise while it is written.
        stack: the edits that this stands for.
        name: of the model.
    """
    first = network.begin(memory)
    previous = torch.tensor([BEGIN, *target[:-1]], device=network.output_bias.device)
    written, logits = _write(network, memory, previous, course)
    said, steps = choices(logits, target)
    read: Replay = {(SOURCE, key) if site == network.input.address[0] else (site, key): value
                    for (site, key), value in values.items()}  # fmt: skip
    cells = {layer.site: layer.cell.convention for depth in network.layers for layer in depth}
    trace = Trace(
        tokens=targets or Tokens.numbered(len(target)),
        entries=as_entries(read | written | said),
        cells=cells | {DECODER: network.cell.convention},
        model=name,
        sources=sources,
        reading=frozenset(site for site, _ in read),
        initial=as_entries({(DECODER, key): value[0] for key, value in first.items()}),
    )
    return Translation(source, target, trace, steps, tuple(stack))


def _write(network: Translator, memory: Memory, previous: Tensor, course: Course) -> tuple[Replay, Tensor]:
    """Values of the decoder that reads ``previous`` ids ``[step]``, and logits ``[step, target id]``."""
    x = network.target_embedding(previous)
    found = network.write(memory, x[None], course)
    values = {key: torch.stack([step[key][0] for step in found]) for key in found[0]}
    summary = network.summarise(values["hidden_state"], values["context"], x)
    attention = {}
    if network.attention is not None:
        scores, weights = (values.pop(key).transpose(0, 1) for key in ("attention_scores", "attention_weights"))
        attention = {"attention_scores": scores, "attention_mask": torch.ones_like(weights),
                     "attention_weights": weights}  # fmt: skip
    attention["context"] = values.pop("context")
    written: Replay = {(TARGET, "embedding"): x}
    written |= {(ATTENTION, key): value for key, value in attention.items()}
    written |= {(DECODER, key): value for key, value in values.items()}
    return written, network.logits(summary)


def choices(logits: Tensor, target: Sequence[int]) -> tuple[Replay, tuple[Step, ...]]:
    """What the output said: as values of the trace, and with the tokens' ids."""
    logs = torch.log_softmax(logits.double(), dim=-1)
    probabilities = logs.exp()
    best, tokens = probabilities.topk(min(CANDIDATES, logits.shape[1]), dim=-1)
    chosen = torch.tensor(list(target), device=logits.device)[:, None]
    picked = probabilities.gather(1, chosen)
    ranks = (probabilities > picked).sum(1).tolist()
    steps = []
    for number, token in enumerate(target):
        row = logits[number]
        candidates = tuple(
            Candidate(t, p, float(row[t])) for t, p in zip(tokens[number].tolist(), best[number].tolist(), strict=True)
        )
        steps.append(Step(candidates, Candidate(token, float(picked[number]), float(row[token])), ranks[number] + 1))
    values: Replay = {
        (OUTPUT, "chosen_probability"): picked[:, 0].clamp(max=1.0),
        (OUTPUT, "candidate_probability"): best.clamp(max=1.0),
        (OUTPUT, "entropy"): (-(probabilities * logs).sum(-1)).clamp(min=0.0),
    }
    return values, tuple(steps)


@torch.no_grad()
def as_recurrence(network: Translator, trace: Trace) -> tuple[Recurrent, Tensor, State]:
    """The decoder as a recurrence that reads [y_{t-1}; c_t], its contexts as they were: for questions about its memory.

    Returns:
        The recurrence, what it reads ``[step, feature]``, and its states before the first step, ``[1, unit]``.
    """
    size, cell = network.architecture.embedding + network.architecture.hidden, network.weights
    made = recurrence(network.cell, size, network.architecture.hidden)
    joined = torch.cat([cell.w_x, network.from_context.weight], dim=1)
    for name, value in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"),
                           (joined, cell.w_h, cell.b_x, cell.b_h), strict=True):  # fmt: skip
        getattr(made, f"{name}_l0").copy_(value)
    for key, value in cell.peepholes.items():
        getattr(made, f"{PEEPHOLE}{key}_l0").copy_(value)
    read = [torch.tensor(trace.array(*place)) for place in ((TARGET, "embedding"), (ATTENTION, "context"))]
    first = [torch.tensor(trace.before(DECODER, key))[None] for key in network.cell.states]
    return made.requires_grad_(False).eval(), torch.cat(read, dim=1), tuple(first) if len(first) > 1 else first[0]


def parting_step(free: Sequence[int], forced: Sequence[int]) -> int | None:
    """First step, from 0, at which two targets differ; None where they are the same."""
    if tuple(free) == tuple(forced):
        return None
    pairs = enumerate(zip(free, forced, strict=False))
    return next((step for step, (one, other) in pairs if one != other), min(len(free), len(forced)))
