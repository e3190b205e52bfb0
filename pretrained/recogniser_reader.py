"""A trained recogniser, ready for a person's input."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from core_models.explain.arithmetic.cell import Arithmetic
from core_models.explain.arithmetic.recogniser import explain
from core_models.explain.attribution.question import Question, ask_recogniser
from core_models.networks.recogniser import ANSWER, SequenceRecogniser
from core_models.trace import Site, Trace
from pretrained.errors import values_of
from pretrained.recipe import Recipe
from pretrained.recognition import RecognitionTask
from pretrained.task import Reading


@dataclass(frozen=True)
class RecogniserReader:
    """A trained recogniser with all that is needed to read a person's input.

    Attributes:
        recipe: how it was made and how well it does.
        task: how input is read and what the classes are.
        network: the network, in ``eval()``; shared by everyone, so never changed.
    """

    recipe: Recipe
    task: RecognitionTask
    network: SequenceRecogniser

    def trace(self, reading: Reading) -> Trace:
        """Everything that happens inside when the network reads ``reading``.

        Raises:
            ModelError: if impossible values come out, as they do from damaged weights.
        """
        with values_of(self.recipe.title):
            return self.network.trace(self._sequence(reading), reading.tokens, name=self.recipe.key)

    def question(self, reading: Reading, trace: Trace) -> Question:
        """How probable each class is, as a function of all steps."""
        names = [self.task.name(label) for label in self.task.classes]
        return ask_recogniser(self.network, self._sequence(reading), trace.tokens.labels, names)

    def _sequence(self, reading: Reading) -> torch.Tensor:
        sequence = torch.tensor(reading.ids) if reading.values is None else torch.tensor(reading.values)
        return sequence.to(next(self.network.parameters()).device)

    def answer(self, trace: Trace) -> tuple[str, float]:
        """The class that is given to the sequence of a trace, with its probability."""
        chance = trace.array(ANSWER, "class_probability")
        best = int(chance.argmax())
        return self.task.classes[best], float(chance[best])

    def explain(self, trace: Trace, site: Site, key: str, step: int, unit: int = 0, head: int = 0) -> Arithmetic:
        """The arithmetic behind one number of a trace; see ``core_models.explain.arithmetic.recogniser.explain``."""
        found = explain(self.network, trace, site, key, step, unit, head)
        if site != ANSWER:
            return found
        name = f"“{self.task.name(self.task.classes[unit])}”"
        return replace(found, title=found.title.replace(f"label {unit + 1}", name, 1))
