"""A trained language model, ready for a person's text: what it expects at every place, and what it writes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core_models.explain.arithmetic.cell import Arithmetic
from core_models.explain.arithmetic.language_model import explain
from core_models.explain.attribution.question import Question, ask_language_model
from core_models.networks.language_model import LanguageModel
from core_models.networks.sampling import Pen, Sampling
from core_models.trace import Site, Trace
from core_models.tracing import layers_of
from pretrained.characters import CharacterTask
from pretrained.errors import values_of
from pretrained.families.language_model import UNKNOWN
from pretrained.recipe import Recipe
from pretrained.task import Reading
from pretrained.text_survey import TextSurvey


@dataclass(frozen=True)
class LanguageReader:
    """A trained language model with all that is needed to read a person's text.

    Attributes:
        recipe: how it was made and how well it does.
        task: what its characters are.
        network: the network, in ``eval()``; shared by everyone, so never changed.
    """

    recipe: Recipe
    task: CharacterTask
    network: LanguageModel

    def trace(self, reading: Reading) -> Trace:
        """Everything that happens inside when the network reads ``reading``.

        Raises:
            ModelError: if impossible values come out, as they do from damaged weights.
        """
        device = next(self.network.parameters()).device
        ids = torch.tensor(reading.ids, device=device)
        with values_of(self.recipe.title):
            return self.network.trace(ids, reading.tokens, name=self.recipe.key, state=reading.state)

    def expectations(self, trace: Trace) -> NDArray[np.float32]:
        """Probability of every id before the first token of a trace and after each, ``[step + 1, id]``."""
        site = layers_of(self.network.rnn)[-1][0].site
        device = next(self.network.parameters()).device
        states = torch.tensor(trace.array(site, "hidden_state"), device=device)
        before = torch.tensor(trace.before(site, "hidden_state"), device=device)
        return self.network.expectations(states, before).cpu().numpy()

    def question(self, reading: Reading, trace: Trace) -> Question:
        """How probable each token that came was, as a function of those before it."""
        device = next(self.network.parameters()).device
        ids = torch.tensor(reading.ids, device=device)
        return ask_language_model(self.network, ids, trace.tokens.labels, UNKNOWN, reading.state)

    def survey(self, text: str) -> TextSurvey:
        """A text of any length, about to be read once."""
        return TextSurvey(self.task, self.network, text)

    def pen(self, prompt: Reading, how: Sampling) -> Pen:
        """The network about to write on from a prompt; it never writes the unknown character."""
        return Pen(self.network, prompt.ids, how, banned=(UNKNOWN,))

    def explain(self, trace: Trace, site: Site, key: str, step: int, unit: int = 0, head: int = 0) -> Arithmetic:
        """The arithmetic behind one number; see ``core_models.explain.arithmetic.language_model.explain``."""
        return explain(self.network, trace, site, key, step, unit)
