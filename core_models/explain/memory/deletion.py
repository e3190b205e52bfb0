r"""What is missing from a memory without what one token wrote, beside that token's part in the ledger.

The candidate of step s is held at 0 in every unit, so that nothing is written there, and everything later is computed
anew. Where no gate and no candidate reads the state (minGRU, minLSTM, a selective state space), nothing else changes:
what is missing is the token's part m_{T,s} exactly, and the ledger is an attention matrix that was never written down
(Ali, Zimerman & Wolf 2024, "The hidden attention of Mamba models", arXiv 2403.01590). In a GRU or LSTM every later gate
reads another state, and something else is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core_models.edits.edit import HoldGate
from core_models.edits.run import run
from core_models.encoded import Encoded
from core_models.explain.memory.ledger import Floats, Ledger, candidate_of
from core_models.networks.sequence import SequenceNetwork
from core_models.trace import Trace


@dataclass(frozen=True, eq=False)
class Deletion:
    """One token's writing, deleted.

    Attributes:
        written: position of the token.
        part: its part of the memory in the ledger, ``[unit]``.
        missing: what the memory really lacks without it, ``[unit]``.
    """

    written: int
    part: Floats
    missing: Floats

    @property
    def gap(self) -> float:
        """Largest difference of the two in a unit, as a share of the largest part."""
        return float(np.abs(self.missing - self.part).max() / np.abs(self.part).max())


def delete_writing(
    network: SequenceNetwork, encoded: Encoded, trace: Trace, ledger: Ledger, present: int
) -> Deletion | None:
    """Without what the token wrote that has the largest part of the memory after ``present``, among those before it.

    None where nothing of those is left.

    Args:
        network: the network that made the trace.
        encoded: its input.
        trace: what it computed.
        ledger: of one of its layers and directions.
        present: position of a token.
    """
    parts = np.abs(ledger.at(present).tokens).max(axis=1)
    parts[present] = 0.0
    if not parts.any():
        return None
    written = int(parts.argmax())
    held = HoldGate(ledger.site, candidate_of(trace, ledger.site), 0.0, steps=(written,))
    without = run(network, encoded, (held,))
    whole, rest = (each.array(ledger.site, ledger.memory)[present].astype(float) for each in (trace, without))
    return Deletion(written, ledger.at(present).tokens[written], whole - rest)
