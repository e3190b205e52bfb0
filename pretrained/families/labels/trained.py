"""A trained tagger: a label for every token, and a class for the whole where the task has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.explain.outputs import Output, Outputs
from core_models.heads.classes import ANSWER
from core_models.heads.labels import TAGS
from core_models.language import mark, say
from core_models.target import Target
from core_models.trace import Trace
from pretrained.kinds.labels import TagTask
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
        found = self.network(ids, lengths)
        answer, labels = found.get("answer"), torch.softmax(found["tags"], dim=-1).cpu().numpy()
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

    def outputs(self, encoded: Encoded, trace: Trace) -> Outputs:
        """How probable the label that is given to each token is, and the class of the whole."""
        task, answer, given = self.task, self.answer(trace), self.labels(trace)
        known = [
            Output(Target("tags", task.tags.index(tag), step), f"{token}: {task.called(tag)}")
            for step, (token, tag) in enumerate(zip(trace.tokens.labels, given, strict=True))
        ]
        if answer:
            target = Target("answer", task.classes.index(answer[0]))
            known.append(Output(target, say("the whole: {answer}", answer=task.called(answer[0]))))
        return Outputs(self.network, encoded, tuple(known), what=mark("a predicted label"))
