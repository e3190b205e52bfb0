"""What a kind of sequence brings to the Explore page; all else on the page is common to every kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core_models.trace import Site, Trace
from pretrained.task import Given
from pretrained.trained import Trained
from viz.placing import Pick
from viz.view import Options

SPELLED = 24
"""Words that fit side by side on the axis of a figure."""


def hold_text(task: Any, text: str) -> str:
    """A text from a file, if the models of a task can read it.

    Raises:
        InputError: if they cannot.
    """
    task.encode(text)
    return text


@dataclass(frozen=True)
class SequenceKind:
    """How models of one kind are shown.

    Attributes:
        headline: heading of the page.
        about: what the page shows, below the heading.
        take_input: the control in which a person gives the input of a task; an example comes in by its text.
        show_answer: the native picture above the tabs, with the answer in words, both so low that the cell below is
            still on the first screen; returns what was clicked.
        show_more: the native pictures that go deeper, on a tab of their own; None where the first one says all.
        show_scores: how well the model does, beside simple methods, for its card.
        address: the number that a click on a bare token selects: its site and quantity.
        places_views: whether ``show_answer`` places the views of the answer, which else follow it.
        spells: the most tokens that the picture itself spells out: of a longer text the tokens stand above it.
        shades: how strongly each token is coloured where they stand above the picture, in [-1, 1]; empty for none.
        reader: the token whose attention is shown while none is selected; the last one where it returns None.
        hold: takes a task and what a file held, a text or an ``Upload``, keeps what is no text for the session, and
            returns the text that stands for it in the box or the address; it refuses by ``InputError``.
        scale: mean, standard deviation and unit of the values that it speaks of, which a network that was taught
            standardised ones gives as the last of its outputs; None where an answer is told as the network gives it.
        copied: the visitor's own copy of a model and what it reads under a name of its own, where that is to be shown.
    """

    headline: str
    about: str
    take_input: Callable[[Any], Given]
    show_answer: Callable[[Trained, Trace, Options], list[Pick]]
    show_scores: Callable[[Trained], None]
    address: Callable[[Trace], tuple[Site, str]]
    show_more: Callable[[Trained, Trace, Options], list[Pick]] | None = None
    places_views: bool = False
    spells: int = 0
    shades: Callable[[Trace], Sequence[float]] = lambda _: ()
    reader: Callable[[Trained], int | None] = lambda _: None
    hold: Callable[[Any, Any], str] = hold_text
    scale: Callable[[Trained], tuple[float, float, str]] | None = None
    copied: Callable[[Trained, Given], tuple[Trained, Given] | None] = lambda *_: None
