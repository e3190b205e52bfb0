"""Numbers about attention: the tests of whether it explains an answer."""

from __future__ import annotations

import numpy as np

from core_models.explain.faithfulness.attended import attend
from core_models.explain.faithfulness.panel import Faithfulness, FaithfulnessError, examine
from core_models.language import say
from pretrained.faithfulness.verdict import MOVED
from viz.learn.measures.answers import Token, place_of
from viz.learn.measures.error import MeasureError
from viz.run import ModelRun


def attention(asked: ModelRun, test: str, token: Token = "") -> float:
    """One test of the attention about the answer.

    ``weight`` is the attention that a token gets, ``most`` the largest of all; ``moved`` the share of shuffles that
    move the answer; ``uniform``, ``muted`` and ``removed`` the change of the answer with equal weights, without
    attention to the most attended token, and without that token; ``agreement`` Kendall's τ of attention with the
    effect of leaving tokens out; ``adversary`` the change of the answer under the most different weights found, and
    ``divergence`` how different these are.

    Raises:
        MeasureError: if the network has no attention, or there is only one place to look at.
    """
    target = asked.outputs.known[asked.outputs.telling].target
    if test in ("weight", "most"):
        attended = attend(asked.outputs, target)
        if attended is None:
            raise MeasureError(say("this network has no attention"))
        received = attended.received.detach()
        return float(received.max() if test == "most" else received[place_of(asked, token or "@last")])
    try:
        return _tests(examine(asked.outputs, target))[test]
    except FaithfulnessError as error:
        raise MeasureError(str(error).rstrip(".。")) from error


def _tests(found: Faithfulness) -> dict[str, float]:
    own = found.answer
    return {
        "moved": float((np.abs(found.shuffled - own) >= MOVED).mean()),
        "uniform": found.uniform - own,
        "muted": float(found.muted.top[0] - own),
        "removed": float(found.removed.top[0] - own),
        "agreement": found.agreement,
        "adversary": found.adversary_answer - own,
        "divergence": found.divergence,
    }


TESTS = ("weight", "most", "moved", "uniform", "muted", "removed", "agreement", "adversary", "divergence")
"""Names of the tests."""
