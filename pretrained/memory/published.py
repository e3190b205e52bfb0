"""What others reported on these tasks, in their words' terms; none of it was measured here.

Tasks, sizes and budgets differ from ours, so that only the order of things can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

from core_models.language import mark, say


@dataclass(frozen=True)
class Published:
    """One reported result.

    Attributes:
        task: key of the task it belongs beside.
        cell: key of the architecture, for its colour and marker.
        lag: at which lag, None if the task has none.
        value: share between 0 and 1.
        measure: what the share counts.
        source: who reported it.
    """

    task: str
    cell: str
    lag: int | None
    value: float
    measure: str
    source: str

    @property
    def reported(self) -> str:
        """Where it was reported, in words."""
        return say("as reported in {source}", source=self.source)


HOCHREITER = "Hochreiter & Schmidhuber 1997, Neural Computation 9(8)"
REPRODUCED = "cybertronai/schmidhuber-problems (github.com), commit e7b8c89d, 5 seeds"

PUBLISHED = (
    Published(
        "recall", "rnn", 100, 0.0, mark("share of 18 runs that succeeded, trained by BPTT"), f"{HOCHREITER}, exp. 2a"
    ),
    Published("recall", "lstm", 100, 1.0, mark("share of 18 runs that succeeded"), f"{HOCHREITER}, exp. 2a"),
    Published(
        "adding", "lstm", 100, 1 - 1 / 2560, mark("share of 2,560 test sequences right"), f"{HOCHREITER}, exp. 4"
    ),
    Published("reber", "lstm", None, 0.997, mark("second-last symbols right"), REPRODUCED),
    Published("reber", "lstm_no_forget", None, 0.55, mark("second-last symbols right"), REPRODUCED),
)
"""Points beside ours."""
