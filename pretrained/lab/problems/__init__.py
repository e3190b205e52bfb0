"""The problems of the lab: listed here and nowhere else."""

from pretrained.lab.problems import brackets, order, parity, reber, recall
from pretrained.lab.problems.copying import COPY, REVERSE
from pretrained.lab.problems.numbers import ADDING, FLIP_FLOP
from pretrained.lab.problems.problem import Batch, Problem

PROBLEMS: dict[str, Problem] = {
    problem.key: problem
    for problem in (
        recall.PROBLEM,
        COPY,
        REVERSE,
        order.PROBLEM,
        parity.PROBLEM,
        brackets.PROBLEM,
        reber.PROBLEM,
        ADDING,
        FLIP_FLOP,
    )
}
"""By key, in the order in which they are offered."""

__all__ = ["PROBLEMS", "Batch", "Problem"]
