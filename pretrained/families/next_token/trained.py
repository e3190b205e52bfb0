"""A trained language model: what it expects at every place of a text, and what it writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.explain.attribution.question import Question, ask_language_model
from core_models.networks.sampling import Pen, Sampling
from core_models.trace import Trace
from core_models.tracing import layers_of
from pretrained.families.next_token.survey import TextSurvey
from pretrained.kinds.next_token import UNKNOWN, CharacterTask
from pretrained.trained import Trained


@dataclass(frozen=True)
class TrainedLanguageModel(Trained):
    """A trained language model; see ``Trained``."""

    task: CharacterTask

    @torch.inference_mode()
    def predict(self, batch: Sequence[Encoded]) -> list[NDArray]:
        """Log-probability of every token after the first, ``[step - 1]``, given those before it, for each input."""
        rows, lengths = self.padded(batch)
        ids = rows.T
        logits, _ = self.network(ids[:-1])
        chances = torch.log_softmax(logits, dim=-1).gather(-1, ids[1:, :, None])[..., 0].T.cpu().numpy()
        return [row[: length - 1] for row, length in zip(chances, lengths.tolist(), strict=True)]

    def expectations(self, trace: Trace) -> NDArray[np.float32]:
        """Probability of every id before the first token of a trace and after each, ``[step + 1, id]``."""
        site = layers_of(self.network.rnn)[-1][0].site
        states = torch.tensor(trace.array(site, "hidden_state"), device=self.device)
        before = torch.tensor(trace.before(site, "hidden_state"), device=self.device)
        return self.network.expectations(states, before).cpu().numpy()

    def question(self, encoded: Encoded, trace: Trace) -> Question:
        """How probable each token that came was, as a function of those before it."""
        return ask_language_model(self.network, self.sequence(encoded), trace.tokens.labels, UNKNOWN, encoded.state)

    def survey(self, text: str) -> TextSurvey:
        """A text of any length, about to be read once."""
        return TextSurvey(self.task, self.network, text)

    def pen(self, prompt: Encoded, how: Sampling) -> Pen:
        """The network about to write on from a prompt; it never writes the unknown character."""
        return Pen(self.network, self.sequence(prompt).tolist(), how, banned=(UNKNOWN,))
