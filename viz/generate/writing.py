"""What a network is writing for one visitor: a pen that goes on a little at every tick, and the trace of it so far.

A tick is one short run of a fragment of the page, so that nobody waits: the person can stop, scroll and click while the
text grows, and other visitors have their turns between two ticks. The pen belongs to the visitor's session; networks
and traces are shared.
"""

from __future__ import annotations

from dataclasses import dataclass

from core_models.encoded import Encoded
from core_models.networks.sampling import Pen
from core_models.trace import Trace
from pretrained.families.next_token.trained import TrainedLanguageModel
from pretrained.kinds.next_token import CharacterTask
from viz import session
from viz.generate.controls import Order
from viz.kept import Kept
from viz.remembered import kept

TICK_SECONDS = 0.2
PER_TICK = {"fast": 40, "slow": 4}
"""Characters written in a tick."""


@dataclass
class Writing:
    """One text in the making.

    Attributes:
        asked: the question it answers.
        prompt: what was given.
        pen: what has been written, and the network's state.
        stopped: whether the person stopped it before its end.
    """

    asked: Order
    prompt: Encoded
    pen: Pen
    stopped: bool = False

    @property
    def count(self) -> int:
        """Characters written so far."""
        return len(self.pen.choices)

    @property
    def left(self) -> int:
        """Characters still to be written."""
        return int(self.asked.length) - self.count

    @property
    def busy(self) -> bool:
        """Whether it goes on by itself."""
        return self.left > 0 and not self.stopped


WRITING = Kept[Writing]("writing")
"""The visitor's text."""


def take_up(model: TrainedLanguageModel, asked: Order) -> Writing:
    """The visitor's text for a question, begun now if another question was asked before."""
    held = WRITING.get()
    if held and held.asked == asked:
        return held
    prompt = model.task.encode_prompt(asked.prompt)
    return WRITING.put(Writing(asked, prompt, model.pen(prompt, asked.how)))


def stop() -> None:
    """Stop the visitor's text where it is, as a button's callback."""
    if held := WRITING.get():
        held.stopped = True


def go_on() -> None:
    """Let a stopped text go on, as a button's callback."""
    if held := WRITING.get():
        held.stopped = False


def text_of(task: CharacterTask, writing: Writing) -> str:
    """Prompt and what was written after it."""
    return writing.prompt.tokens.text + "".join(task.character(choice.index) for choice in writing.pen.choices)


def trace_of(model: TrainedLanguageModel, writing: Writing) -> Trace:
    """Everything inside while prompt and text so far were read.

    Raises:
        ModelError: if impossible values come out, as they do from damaged weights.
    """
    return _traced(model.recipe.key, text_of(model.task, writing), tuple(writing.pen.ids), model)


@kept(max_entries=16, wordless=True)
def _traced(key: str, text: str, ids: tuple[int, ...], _model: TrainedLanguageModel) -> Trace:
    return _model.trace(Encoded(_model.task.tokens(text, ids)))


def writer(key: str) -> TrainedLanguageModel:
    """The language model named ``key``, loaded once for everybody.

    Raises:
        ModelError: if it cannot be used.
    """
    found = session.model(key)
    if not isinstance(found, TrainedLanguageModel):
        raise TypeError(f"generate: expected a language model, got {key}")
    return found
