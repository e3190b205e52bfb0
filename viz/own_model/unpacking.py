"""Keras files in the process apart: this module imports neither torch nor Streamlit."""

from core_models.own.files.hdf5 import Unpacked, unpack
from pretrained.task import InputError


def unpack_given(content: bytes) -> Unpacked:
    """As ``unpack``; a file that cannot be read is refused by ``InputError``, which comes back as a sentence."""
    try:
        return unpack(content)
    except ValueError as error:
        raise InputError(str(error)) from None
