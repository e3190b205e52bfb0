"""Numbers about what a network writes, and the scores in the recipes."""

from __future__ import annotations

import numpy as np

from core_models.language import say
from pretrained.families.translation.trained import TrainedTranslator
from pretrained.registry import every_recipe, other_seed
from pretrained.task import InputError
from viz.learn.measures.error import MeasureError
from viz.learn.measures.memory import Which
from viz.run import ModelRun


def right(asked: ModelRun, reference: str, how: str) -> float:
    """Share of the tokens of a reference that a network writes in their place.

    ``forced``: before each it is given the tokens of the reference (teacher forcing); ``free``: its own.

    Raises:
        MeasureError: if the network does not write, or the reference cannot be read.
    """
    model = asked.model
    if not isinstance(model, TrainedTranslator):
        raise MeasureError(say("this network does not write another sequence"))
    try:
        found, ids = model.force(asked.encoded, reference), model.task.aim(asked.text, reference.strip())
    except InputError as error:
        raise MeasureError(str(error).rstrip(".。")) from error
    if how == "forced":
        return float((model.expectations(found.reference.trace).argmax(axis=1) == np.array(ids)).mean())
    written = list(found.free.target)
    return float(np.mean([at < len(written) and written[at] == wanted for at, wanted in enumerate(ids)]))


def score(which: Which, of: str, by: str) -> float:
    """A score on test that stands in the recipe of a model.

    Raises:
        MeasureError: if there is none.
    """
    key = other_seed(of) if which == "seed" else of
    if which == "untrained" or key is None:
        raise MeasureError(
            say("an untrained network has no score") if key else say("no other seed of this model is shipped")
        )
    found = every_recipe()[key].scores.get(f"test_{by}")
    if found is None:
        raise MeasureError(say("this model was not scored by {by}", by=by))
    return float(found)
