"""The sides of a comparison: what a person compares, and beside it the baseline to hold it against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core_models.explain.dynamics.divergence import Steps
from core_models.language import mark, say
from core_models.trace import Trace
from pretrained.data.shuffle import shuffle_order
from pretrained.registry import other_seed
from pretrained.task import Given
from viz.compare.baselines import ALONE, TITLES, read, shuffle_columns, traced_shuffled, traced_untrained
from viz.figures.compare.comparison import STYLES, Comparison, Style, Words, compare_inputs, compare_models
from viz.models import every_recipe, task_of

CALLED: Mapping[str, str] = {
    "text": mark("text"), "letters": mark("sequence"), "series": mark("window"), "sound": mark("recording"),
    "words": mark("text"), "numbers": mark("table"),
}  # fmt: skip
"""What an input is called on screen, by its medium."""


@dataclass(frozen=True)
class Side:
    """One column of figures.

    Attributes:
        comparison: what its figures draw.
        title: what it is, for headings; "" for what the person compares.
        group: in which its figures are linked: their own where tokens stand in another order.
        suffix: of the keys of its elements.
        keys: the shipped model behind each trace, None where a trace is not what a shipped model makes of the input.
        givens: what each trace was made of, as the person gave it.
        word: what is said behind a model's name in a table to tell it from the trained model on the person's input.
    """

    comparison: Comparison
    title: str = ""
    group: str = "step"
    suffix: str = ""
    keys: tuple[str | None, ...] = ()
    givens: tuple[Given, ...] = ()
    word: str = ""

    @property
    def ordered(self) -> bool:
        """Whether its columns are those of the person's own input."""
        return self.group == "step"

    def name(self, heading: str) -> str:
        """A heading that says which side it is on."""
        return say("{heading}: {side}", heading=heading, side=self.title) if self.title else heading


Beside = tuple[Side | None, str]
"""A baseline, and a sentence that says why something is missing, or ""."""


def names_of(task: Any) -> tuple[str, str]:
    """What two inputs of a task are called."""
    what = say(CALLED[task.medium])
    return say("first {what}", what=what), say("second {what}", what=what)


def words_of(task: Any) -> Words:
    """What the answers of a task are called."""
    name = getattr(task, "called", str)
    classes, labels = getattr(task, "classes", ()), getattr(task, "tags", ())
    return Words(tuple(map(name, classes)), tuple(map(name, labels)))


def models_side(keys: Sequence[str], given: Given) -> Side:
    """The models on one input.

    Raises:
        InputError, ModelError: as ``viz.session.traced``.
    """
    found = _models([read(key, given)[1] for key in keys], keys)
    return Side(found, keys=tuple(keys), givens=(given,) * len(keys))


def _models(traces: Sequence[Trace], keys: Sequence[str], names: Sequence[str] = (), styles: Sequence[Style] = STYLES
            ) -> Comparison:  # fmt: skip
    words = words_of(task_of(every_recipe()[keys[0]]))
    return compare_models(traces, names or [title_of(key) for key in keys], styles, words)


def title_of(key: str) -> str:
    """Name of a model on screen."""
    return say(every_recipe()[key].title)


def models_beside(keys: Sequence[str], given: Given, baseline: str, seed: int) -> Beside:
    """The baseline of each model, drawn in the model's own style.

    Raises:
        InputError, ModelError: as ``viz.session.traced``.
    """
    givens = (given,) * len(keys)
    match baseline:
        case "untrained":
            found = [traced_untrained(key, given) for key in keys]
            return _baseline(_models(found, keys), givens, baseline, word=mark("untrained")), ""
        case "seed":
            return _models_of_other_seeds(keys, given)
        case "shuffled":
            count = len(read(keys[0], given)[1])
            if count < 2:
                return None, say(ALONE)
            order = tuple(shuffle_order(count, seed).tolist())
            found = [traced_shuffled(key, given, order) for key in keys]
            return _shuffled(_models(found, keys), givens, seed), ""
    return None, ""


def inputs_side(key: str, first: Given, second: Given) -> Side:
    """Two inputs on one model.

    Raises:
        InputError, ModelError: as ``viz.session.traced``.
    """
    return Side(_inputs(key, read(key, first)[1], read(key, second)[1]), givens=(first, second))


def _inputs(key: str, first: Trace, second: Trace, steps: Steps | None = None) -> Comparison:
    task = task_of(every_recipe()[key])
    return compare_inputs(first, second, names_of(task), steps, words_of(task))


def inputs_beside(key: str, first: Given, second: Given, compared: Comparison, baseline: str, seed: int) -> Beside:
    """The same two inputs in the baseline.

    Raises:
        InputError, ModelError: as ``viz.session.traced``.
    """
    givens = first, second
    match baseline:
        case "untrained":
            found = _inputs(key, traced_untrained(key, first), traced_untrained(key, second))
            return _baseline(found, givens, baseline), ""
        case "seed":
            other = other_seed(key)
            if other is None:
                return None, no_seed([title_of(key)])
            found = inputs_side(other, first, second).comparison
            return _baseline(found, givens, baseline, seed_of(other)), ""
        case "shuffled":
            if len(compared) < 2:
                return None, say(ALONE)
            (order_a, order_b), steps = shuffle_columns(compared.steps, seed)
            found = _inputs(key, traced_shuffled(key, first, order_a), traced_shuffled(key, second, order_b), steps)
            return _shuffled(found, givens, seed), ""
    return None, ""


def _models_of_other_seeds(keys: Sequence[str], given: Given) -> Beside:
    others = [(number, other) for number, key in enumerate(keys) if (other := other_seed(key)) is not None]
    sentence = no_seed([title_of(key) for key in keys if other_seed(key) is None])
    if not others:
        return None, sentence
    names = [say("{name}, {place}", name=title_of(keys[number]), place=seed_of(other)) for number, other in others]
    styles = [STYLES[number] for number, _ in others]
    found = _models([read(other, given)[1] for _, other in others], keys, names, styles)
    side = _baseline(found, (given,) * len(others), "seed")
    return replace(side, keys=tuple(other for _, other in others)), sentence


def _baseline(comparison: Comparison, givens: tuple[Given, ...], baseline: str, more: str = "", word: str = "") -> Side:
    title = say(TITLES[baseline]) + (f", {more}" if more else "")
    return Side(comparison, title, suffix="-beside", keys=(None,) * len(comparison.names), givens=givens, word=word)


def _shuffled(comparison: Comparison, givens: tuple[Given, ...], seed: int) -> Side:
    side = _baseline(comparison, givens, "shuffled", say("order {n}", n=seed), word=mark("shuffled"))
    return replace(side, group="shuffled")


def seed_of(key: str) -> str:
    """The seed of a model, in words."""
    return say("seed {n}", n=every_recipe()[key].training.seed)


def no_seed(names: Sequence[str]) -> str:
    """That these models were trained from one seed alone; "" for none."""
    return say("No other seed is shipped for: {names}.", names=say(", ").join(names)) if names else ""
