"""The sides of a comparison: what a person compares, and beside it the baseline to hold it against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core_models.trace import Trace
from pretrained.data.shuffle import shuffle_order
from pretrained.registry import other_seed, recipes
from viz.compare.baselines import TITLES, shuffle_columns, traced_shuffled, traced_untrained
from viz.figures.compare.comparison import STYLES, Comparison, compare_inputs, compare_models
from viz.session import traced

NAMES = ("first text", "second text")
ALONE = "One token alone cannot be shuffled; type a longer text."


@dataclass(frozen=True)
class Side:
    """One column of figures.

    Attributes:
        comparison: what its figures draw.
        title: what it is, for headings; "" for what the person compares.
        group: in which its figures are linked: their own where tokens stand in another order.
        suffix: of the keys of its elements.
        keys: the shipped model behind each trace, None where a trace is not what a shipped model makes of the text.
        word: what is said behind a model's name in a table to tell it from the trained model on the person's text.
    """

    comparison: Comparison
    title: str = ""
    group: str = "step"
    suffix: str = ""
    keys: tuple[str | None, ...] = ()
    word: str = ""

    @property
    def ordered(self) -> bool:
        """Whether its columns are those of the person's own text."""
        return self.group == "step"

    def name(self, heading: str) -> str:
        """A heading that says which side it is on."""
        return f"{heading}: {self.title}" if self.title else heading


Beside = tuple[Side | None, str]
"""A baseline, and a sentence that says why something is missing, or ""."""


def models_side(keys: Sequence[str], text: str) -> Side:
    """The models on one text.

    Raises:
        InputError, ModelError: as ``viz.session.traced``.
    """
    found = compare_models([traced(key, text)[1] for key in keys], [recipes("sentiment")[key].title for key in keys])
    return Side(found, keys=tuple(keys))


def models_beside(keys: Sequence[str], text: str, baseline: str, seed: int) -> Beside:
    """The baseline of each model, drawn in the model's own style.

    Raises:
        InputError, ModelError: as ``viz.session.traced``.
    """
    names = [recipes("sentiment")[key].title for key in keys]
    match baseline:
        case "untrained":
            found = [traced_untrained(key, text) for key in keys]
            return _baseline(compare_models(found, names), baseline, word="untrained"), ""
        case "seed":
            return _models_of_other_seeds(keys, text)
        case "shuffled":
            count = len(traced(keys[0], text)[1])
            if count < 2:
                return None, ALONE
            order = tuple(shuffle_order(count, seed).tolist())
            found = [traced_shuffled(key, text, order) for key in keys]
            return _shuffled(compare_models(found, names), seed), ""
    return None, ""


def inputs_side(key: str, first: str, second: str) -> Side:
    """Two texts on one model.

    Raises:
        InputError, ModelError: as ``viz.session.traced``.
    """
    return Side(compare_inputs(traced(key, first)[1], traced(key, second)[1], NAMES))


def inputs_beside(key: str, first: str, second: str, compared: Comparison, baseline: str, seed: int) -> Beside:
    """The same two texts in the baseline.

    Raises:
        InputError, ModelError: as ``viz.session.traced``.
    """
    match baseline:
        case "untrained":
            traces: tuple[Trace, Trace] = traced_untrained(key, first), traced_untrained(key, second)
            return _baseline(compare_inputs(*traces, NAMES), baseline), ""
        case "seed":
            other = other_seed(key)
            if other is None:
                return None, _no_seed([recipes("sentiment")[key].title])
            return _baseline(inputs_side(other, first, second).comparison, baseline, _seed_of(other)), ""
        case "shuffled":
            if len(compared) < 2:
                return None, ALONE
            (order_a, order_b), steps = shuffle_columns(compared.steps, seed)
            traces = traced_shuffled(key, first, order_a), traced_shuffled(key, second, order_b)
            return _shuffled(compare_inputs(*traces, NAMES, steps), seed), ""
    return None, ""


def _models_of_other_seeds(keys: Sequence[str], text: str) -> Beside:
    others = [(number, other) for number, key in enumerate(keys) if (other := other_seed(key)) is not None]
    sentence = _no_seed([recipes("sentiment")[key].title for key in keys if other_seed(key) is None])
    if not others:
        return None, sentence
    names = [f"{recipes('sentiment')[keys[number]].title}, {_seed_of(other)}" for number, other in others]
    styles = [STYLES[number] for number, _ in others]
    found = compare_models([traced(other, text)[1] for _, other in others], names, styles)
    return replace(_baseline(found, "seed"), keys=tuple(other for _, other in others)), sentence


def _baseline(comparison: Comparison, baseline: str, more: str = "", word: str = "") -> Side:
    title = TITLES[baseline] + (f", {more}" if more else "")
    return Side(comparison, title, suffix="-beside", keys=(None,) * len(comparison.names), word=word)


def _shuffled(comparison: Comparison, seed: int) -> Side:
    side = _baseline(comparison, "shuffled", f"order {seed}", word="shuffled")
    return replace(side, group="shuffled")


def _seed_of(key: str) -> str:
    return f"seed {recipes('sentiment')[key].training.seed}"


def _no_seed(names: Sequence[str]) -> str:
    return f"No other seed is shipped for: {', '.join(names)}." if names else ""
