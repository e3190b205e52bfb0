"""A trained tagger: a label for every token, and a class for the whole where the task has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.explain.attribution.question import Question, ask_tagger
from core_models.networks.tagger import ANSWER, TAGS
from core_models.trace import Trace
from pretrained.kinds.labels import UNKNOWN_ID, TagTask
from pretrained.trained import Trained


@dataclass(frozen=True)
class Labelling:
    """What a tagger answers for one input.

    Attributes:
        labels: probability of every label at every token, ``[step, label]``.
        classes: probability of every class of the whole, ``[class]``; None where the task has none.
    """

    labels: NDArray
    classes: NDArray | None


@dataclass(frozen=True)
class TrainedTagger(Trained):
    """A trained tagger; see ``Trained``."""

    task: TagTask

    @torch.inference_mode()
    def predict(self, batch: Sequence[Encoded]) -> list[Labelling]:
        """Probabilities of labels and classes for each input."""
        ids, lengths = self.padded(batch)
        logits, answer = self.network(ids, lengths)
        labels = torch.softmax(logits, dim=-1).cpu().numpy()
        classes = [None] * len(labels) if answer is None else torch.softmax(answer, dim=-1).cpu().numpy()
        rows = zip(labels, lengths.tolist(), classes, strict=True)
        return [Labelling(row[:length], one) for row, length, one in rows]

    def labels(self, trace: Trace) -> list[str]:
        """The label that is given to every token of a trace."""
        return self.task.choose(trace.array(TAGS, "tag_probability"))

    def answer(self, trace: Trace) -> tuple[str, float] | None:
        """The class that is given to the whole sequence, with its probability; None where the task has none."""
        if not self.task.classes:
            return None
        chance = trace.array(ANSWER, "class_probability")
        best = int(chance.argmax())
        return self.task.classes[best], float(chance[best])

    def question(self, encoded: Encoded, trace: Trace) -> Question:
        """How probable each label that is given is, and the class of the whole, as a function of all tokens."""
        task, answer = self.task, self.answer(trace)
        given = self.labels(trace)
        numbers = [task.tags.index(tag) for tag in given]
        names = [f"{token}: {task.name(tag)}" for token, tag in zip(trace.tokens.labels, given, strict=True)]
        if answer:
            numbers.append(task.classes.index(answer[0]))
            names.append(f"the whole: {task.name(answer[0])}")
        ids = self.sequence(encoded)
        return ask_tagger(self.network, ids, numbers, trace.tokens.labels, names, UNKNOWN_ID)
