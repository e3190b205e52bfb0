"""A trained tagger, ready for a person's input."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from core_models.explain.arithmetic.cell import Arithmetic
from core_models.explain.arithmetic.tagger import explain
from core_models.explain.attribution.question import Question, ask_tagger
from core_models.networks.tagger import ANSWER, TAGS, SequenceTagger
from core_models.trace import Site, Trace
from pretrained.errors import values_of
from pretrained.families.tagger import UNKNOWN_ID
from pretrained.recipe import Recipe
from pretrained.tags import TagTask
from pretrained.task import Reading


@dataclass(frozen=True)
class TagReader:
    """A trained tagger with all that is needed to read a person's input.

    Attributes:
        recipe: how it was made and how well it does.
        task: how input is read and what the labels are.
        network: the network, in ``eval()``; shared by everyone, so never changed.
    """

    recipe: Recipe
    task: TagTask
    network: SequenceTagger

    def trace(self, reading: Reading) -> Trace:
        """Everything that happens inside when the network reads ``reading``.

        Raises:
            ModelError: if impossible values come out, as they do from damaged weights.
        """
        device = next(self.network.parameters()).device
        with values_of(self.recipe.title):
            return self.network.trace(torch.tensor(reading.ids, device=device), reading.tokens, name=self.recipe.key)

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

    def question(self, reading: Reading, trace: Trace) -> Question:
        """How probable each label that is given is, and the class of the whole, as a function of all tokens."""
        task, answer = self.task, self.answer(trace)
        given = self.labels(trace)
        numbers = [task.tags.index(tag) for tag in given]
        names = [f"{token}: {task.name(tag)}" for token, tag in zip(trace.tokens.labels, given, strict=True)]
        if answer:
            numbers.append(task.classes.index(answer[0]))
            names.append(f"the whole: {task.name(answer[0])}")
        ids = torch.tensor(reading.ids, device=next(self.network.parameters()).device)
        return ask_tagger(self.network, ids, numbers, trace.tokens.labels, names, UNKNOWN_ID)

    def explain(self, trace: Trace, site: Site, key: str, step: int, unit: int = 0, head: int = 0) -> Arithmetic:
        """The arithmetic behind one number of a trace; see ``core_models.explain.arithmetic.tagger.explain``."""
        return explain(self.network, trace, site, key, step, unit)
