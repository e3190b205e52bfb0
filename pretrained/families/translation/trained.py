"""A trained encoder-decoder, ready for a person's input: search, what-ifs, forced targets, explanations.

encoded = model.encode("reverse 2718")
answer = model.answer(encoded, Search(width=5, penalty=1.0))
answer.text, answer.translation.trace, answer.found.nodes
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.cells.recurrence import Recurrent
from core_models.edits.edit import Stack
from core_models.edits.writing import rewrite
from core_models.encoded import Encoded, State
from core_models.explain.arithmetic.cell import Arithmetic
from core_models.explain.arithmetic.gate_split import Split, score_anew, split_gate
from core_models.explain.arithmetic.translator import explain
from core_models.explain.outputs import Output
from core_models.explain.written import WrittenOutputs
from core_models.language import mark, say
from core_models.networks.decoding import Found, Search, search
from core_models.networks.translation import ATTENTION, DECODER, TARGET, Translation, as_recurrence, parting_step
from core_models.networks.translator import Translator
from core_models.target import Target
from core_models.trace import Site, Trace
from pretrained.data.copies import filled
from pretrained.errors import values_of
from pretrained.kinds.translation import PairTask
from pretrained.task import InputError
from pretrained.trained import Trained

__all__ = ["Answer", "Forced", "Split", "TrainedTranslator", "score_anew", "split_gate"]


@dataclass(frozen=True)
class Answer:
    """What a search found for one source, and everything inside while the best target was written.

    Attributes:
        text: the best target as text.
        found: every hypothesis, and the tree of all that was considered.
        translation: everything inside while the best one was written.
    """

    text: str
    found: Found
    translation: Translation


@dataclass(frozen=True)
class Forced:
    """A reference written by teacher forcing, beside what the network writes when left alone.

    Attributes:
        reference: everything inside while the reference was written, whatever the network would have chosen.
        free: everything inside while it wrote what it chose itself, greedily.
        parting: first step at which the two differ, counted from 0; None where they are the same.
    """

    reference: Translation
    free: Translation
    parting: int | None


@dataclass(frozen=True)
class TrainedTranslator(Trained):
    """A trained encoder-decoder; see ``Trained``."""

    task: PairTask
    network: Translator

    def answer(
        self, encoded: Encoded, how: Search | None = None, *, prefix: Sequence[int] = (), stack: Stack = ()
    ) -> Answer:
        """What the network writes for ``encoded``.

        Args:
            encoded: the source.
            how: width and length penalty; what the scores were computed with if None.
            prefix: target ids that are given, such as a candidate chosen in place of the best.
            stack: edits of what is read and of how it is written.

        Raises:
            ModelError: if impossible values come out, as they do from damaged weights.
            ValueError: if the prefix or an edit does not fit.
        """
        longest, how = self.task.longest, how or self.task.search
        found = search(self.network, self.sequence(encoded).tolist(), how, prefix=prefix, stack=stack, longest=longest)
        translation = self.write(encoded, found.best.ids, stack=stack)
        return Answer(self.task.spell(encoded.tokens.text, found.best.ids), found, translation)

    def write(self, encoded: Encoded, target: Sequence[int], *, stack: Stack = ()) -> Translation:
        """Everything inside while given target ids are written, such as those of another hypothesis.

        Raises:
            ModelError: if impossible values come out, as they do from damaged weights.
        """
        targets = replace(
            filled(self.task.target.labels(target), self.task.copied(encoded.tokens.text)), ids=tuple(target)
        )
        with values_of(self.recipe.title):
            return rewrite(self.network, encoded, stack, target, targets=targets, name=self.recipe.key)

    def complete(self, encoded: Encoded) -> Encoded:
        """The source with the best target that is written for it, unless there is one."""
        return encoded if encoded.written else replace(encoded, written=self.answer(encoded).translation.trace.tokens)

    def trace(self, encoded: Encoded) -> Trace:
        """Everything that happens inside while a target is written, the best if none is given with the source."""
        written = encoded.written
        return self.write(encoded, written.numbers).trace if written else self.answer(encoded).translation.trace

    def outputs(self, encoded: Encoded, trace: Trace) -> WrittenOutputs:
        """How probable each token that is written is, after those before it."""
        tokens = self.complete(encoded).written or trace.tokens
        ids = cast("tuple[int, ...]", tokens.ids)
        known = [Output(Target("written", index, step), tokens.labels[step]) for step, index in enumerate(ids)]
        return WrittenOutputs(
            self.network, replace(encoded, written=tokens), tuple(known), what=mark("a token that is written")
        )

    def recurrence(self, encoded: Encoded, site: Site) -> tuple[Recurrent, Tensor, State]:
        """See ``Trained.recurrence``; the decoder reads the tokens that are written, and its contexts as they were."""
        if site != DECODER:
            return super().recurrence(encoded, site)
        return as_recurrence(self.network, rewrite(self.network, encoded).trace)

    @torch.inference_mode()
    def expectations(self, trace: Trace) -> NDArray[np.float32]:
        """Probability of every target id at every step of a trace, ``[step, id]``."""
        places = (DECODER, "hidden_state"), (ATTENTION, "context"), (TARGET, "embedding")
        states, contexts, previous = (torch.tensor(trace.array(*place), device=self.device) for place in places)
        logits = self.network.logits(self.network.summarise(states, contexts, previous))
        return torch.softmax(logits, dim=-1).cpu().numpy()

    def predict(self, batch: Sequence[Encoded]) -> list[str]:
        """The target that is written for each source, searched for as the task says."""
        return [self.answer(encoded).text for encoded in batch]

    def explain(self, trace: Trace, site: Site, key: str, step: int, unit: int = 0, head: int = 0) -> Arithmetic:
        """The arithmetic behind one number of a trace; see ``Trained.explain``."""
        return explain(self.network, trace, site, key, step, unit, head)

    def force(self, encoded: Encoded, reference: str) -> Forced:
        """A reference written by teacher forcing, beside what the network writes alone.

        Raises:
            InputError: if the reference is empty or too long.
            ModelError: if impossible values come out, as they do from damaged weights.
        """
        ids, longest = self.task.aim(encoded.tokens.text, reference.strip()), self.task.longest
        if len(ids) == 1 or len(ids) > longest:
            got = say("none") if len(ids) == 1 else f"{len(ids) - 1}"
            raise InputError(
                say("Type a reference of at most {most} tokens; this has {got}.", most=longest - 1, got=got)
            )
        free = self.answer(encoded, Search()).translation
        return Forced(self.write(encoded, ids), free, parting_step(free.target, ids))
