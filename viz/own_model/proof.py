"""Whether a network that was opened from a file computes what the original did: its output is held against ours."""

from __future__ import annotations

from typing import Any

import streamlit as st
from numpy.typing import NDArray

from core_models.language import say
from core_models.own.proving import prove
from pretrained.uploads.limits import MOST_MEGABYTES
from viz.kept import Kept
from viz.own_model.form import Wanted, fitting, taken
from viz.own_model.reading import read_array
from viz.params import Param

OUTPUT, PROOF = Param("own-output", public=False), Kept[NDArray[Any]]("own output")


def offer_proof(wanted: Wanted, tolerance: float) -> None:
    """The control that takes the output of the original, and what came of it; ``tolerance`` as for ``prove``."""
    title = say("Does it compute what your program computes? Check it")
    with st.expander(title, icon=":material/verified:", key="own-proof", on_change="rerun") as drawer:
        if not drawer.open:
            return
        st.caption(say(
            "Give the states or outputs that your own program computes on this very input, after every step or after "
            "the last one. The largest difference is shown, and if there is one, what would explain it."
        ))  # fmt: skip
        st.file_uploader(say("Output of the original (.npy, .csv)"), key=OUTPUT, max_upload_size=MOST_MEGABYTES,
                         on_change=taken(OUTPUT, _keep))  # fmt: skip
        output = PROOF.get()
        if output is not None:
            with fitting():
                _show(wanted, output, tolerance)


def _keep(name: str, content: bytes) -> None:
    PROOF.take()
    PROOF.put(read_array(name, content))


def _show(wanted: Wanted, output: NDArray[Any], tolerance: float) -> None:
    model = wanted.built()
    found = prove(model.network, model.encode(wanted.text), output, tolerance)
    if found.agrees:
        st.success(say("It does: {what} differ by {largest:.1g} at most.", what=say(found.what), largest=found.largest),
                   icon=":material/verified:")  # fmt: skip
        return
    known = {"what": say(found.what), "largest": found.largest}
    if found.step is None:
        said = say("It does not: {what} differ by up to {largest:.3g}.", **known)
    else:
        said = say("It does not: {what} differ by up to {largest:.3g}, at step {n}.", **known, n=found.step + 1)
    if found.hint:
        said = say("{found} They would agree if the weights were read in another way: {hint}.", found=said,
                   hint=say(found.hint))  # fmt: skip
    st.error(said, icon=":material/difference:")
