"""A trained network that names the class of a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.explain.arithmetic.cell import Arithmetic
from core_models.explain.outputs import Output, Outputs
from core_models.heads.classes import ANSWER, READOUT
from core_models.language import mark, say
from core_models.target import Target
from core_models.trace import Site, Trace
from core_models.vocabulary import quantity
from pretrained.kinds.classes import ClassTask
from pretrained.trained import Trained


@dataclass(frozen=True)
class TrainedClassifier(Trained):
    """A trained network that names the class of a sequence; see ``Trained``."""

    task: ClassTask

    @property
    def classes(self) -> tuple[str, ...]:
        """What its classes are called; see ``Trained.classes``."""
        return tuple(map(self.task.called, self.task.classes))

    def answer(self, trace: Trace) -> tuple[str, float]:
        """The class that is given to the sequence of a trace, with its probability."""
        if (READOUT, "probability") in trace:
            high = float(trace.array(READOUT, "probability")[-1])
            return self.task.classes[high > 0.5], max(high, 1.0 - high)
        chance = trace.array(ANSWER, "class_probability")
        best = int(chance.argmax())
        return self.task.classes[best], float(chance[best])

    @torch.inference_mode()
    def predict(self, batch: Sequence[Encoded]) -> list[NDArray]:
        """Probability of every class, ``[class]``, for each input."""
        sequences, lengths = self.padded(batch)
        return list(torch.softmax(self.network(sequences, lengths)["answer"], dim=-1).cpu().numpy())

    def outputs(self, encoded: Encoded, trace: Trace) -> Outputs:
        """How probable each class is; of two the second one comes first, as its probability is what is drawn."""
        classes = self.task.classes
        order = (1, 0) if len(classes) == 2 else range(len(classes))
        known = tuple(Output(Target("answer", index), self.task.called(classes[index])) for index in order)
        telling = 0 if len(classes) == 2 else classes.index(self.answer(trace)[0])
        return Outputs(self.network, encoded, known, what=mark("a class of the whole"), telling=telling)

    def explain(self, trace: Trace, site: Site, key: str, step: int, unit: int = 0, head: int = 0) -> Arithmetic:
        """The arithmetic behind one number of a trace; see ``Trained.explain``."""
        found = super().explain(trace, site, key, step, unit, head)
        if site != ANSWER:
            return found
        name = self.task.called(self.task.classes[unit])
        return replace(found, title=say("{quantity}, “{name}”", quantity=quantity(key).label, name=name))
