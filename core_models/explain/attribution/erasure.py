"""What a token really does to an output: read the input once more without it.

All inputs that lack one token are read side by side. Whatever is read after a missing token is read by gates that never
saw it, so this is cause and effect, where the memory ledger is bookkeeping. Where no step can be left out, because the
network reads inputs of one length only or the output is said of a token, something unknown is read in its place, or the
mean of the numbers.
"""

from __future__ import annotations

import numpy as np

from core_models.edits.edit import DECODER, ChangeState, DeleteToken, Edit, MaskToken, SetValue
from core_models.edits.run import edited_outputs
from core_models.encoded import Encoded
from core_models.explain.memory.ledger import Floats
from core_models.inputs import TokenInput
from core_models.networks.reader import Reader
from core_models.target import Target


def erasing(network: Reader, step: int, target: Target) -> Edit:
    """The edit that takes a step out of an input about which ``target`` is asked."""
    if network.input.shortens and (target.step is None or not network.head(target.head).of_input):
        return DeleteToken(step)
    return MaskToken(step, network.input.unknown) if isinstance(network.input, TokenInput) else SetValue((step,))


def erase_each(network: Reader, encoded: Encoded, target: Target) -> Floats:
    """An output without each token in turn, ``[token]``; NaN where nothing is left to say it of."""
    count = len(encoded)
    if count < 2:
        return np.full(count, np.nan)
    stacks = [[erasing(network, step, target)] for step in range(count)]
    return edited_outputs(network, encoded, stacks, target).double().numpy()


def leave_each(network: Reader, encoded: Encoded, target: Target) -> Floats:
    """A written token without what the decoder wrote into its state at each step in turn, ``[step]``.

    At that step the state stays what it was before; everything later is computed anew.
    """
    count = 0 if encoded.written is None else len(encoded.written)
    stacks = [[ChangeState(DECODER, "freeze", None, (step,))] for step in range(count)]
    return edited_outputs(network, encoded, stacks, target).double().numpy()
