"""A trained language model: what it expects at every place of a text, and what it writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.explain.outputs import Output, Outputs
from core_models.language import mark, say
from core_models.networks.sampling import Pen, Sampling
from core_models.target import Target
from core_models.trace import Trace
from core_models.tracing import layers_of
from pretrained.families.next_token.survey import TextSurvey
from pretrained.kinds.next_token import UNKNOWN, CharacterTask, shown
from pretrained.trained import Trained


@dataclass(frozen=True)
class TrainedLanguageModel(Trained):
    """A trained language model; see ``Trained``."""

    task: CharacterTask

    @torch.inference_mode()
    def predict(self, batch: Sequence[Encoded]) -> list[NDArray]:
        """Log-probability of every token after the first, ``[step - 1]``, given those before it, for each input."""
        ids, lengths = self.padded(batch)
        logits = self.network(ids[:, :-1], lengths - 1)["next_token"]
        chances = torch.log_softmax(logits, dim=-1).gather(-1, ids[:, 1:, None])[..., 0].cpu().numpy()
        return [row[: length - 1] for row, length in zip(chances, lengths.tolist(), strict=True)]

    def expectations(self, trace: Trace) -> NDArray[np.float32]:
        """Probability of every id before the first token of a trace and after each, ``[step + 1, id]``."""
        site = layers_of(self.network.rnn)[-1][0].site
        states = torch.tensor(trace.array(site, "hidden_state"), device=self.device)
        before = torch.tensor(trace.before(site, "hidden_state"), device=self.device)
        every = torch.cat([before[None], states])
        with torch.inference_mode():
            return torch.softmax(self.network.head("next_token")(every, every), dim=-1).cpu().numpy()

    def outputs(self, encoded: Encoded, trace: Trace) -> Outputs:
        """How probable each token that came was, after those before it; the last, what is most probable next."""
        ids, labels = self.sequence(encoded).tolist(), trace.tokens.labels
        known = [Output(Target("next_token", ids[step + 1], step), labels[step + 1]) for step in range(len(ids) - 1)]
        best = int(self.expectations(trace)[-1].argmax())
        known.append(
            Output(
                Target("next_token", best, len(ids) - 1), say("next: {token}", token=shown(self.task.character(best)))
            )
        )
        return Outputs(self.network, encoded, tuple(known), what=mark("a token that came"))

    def survey(self, text: str) -> TextSurvey:
        """A text of any length, about to be read once."""
        return TextSurvey(self.task, self.network, text)

    def pen(self, prompt: Encoded, how: Sampling) -> Pen:
        """The network about to write on from a prompt; it never writes the unknown character."""
        return Pen(self.network, self.sequence(prompt).tolist(), how, banned=(UNKNOWN,))
