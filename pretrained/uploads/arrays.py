"""NPY and NPZ: sequences of numbers, ``[step]`` or ``[step, channel]``; never a pickle, never more than was sent.

The header of an NPY file is a Python literal that says dtype and shape; 128 bytes can claim 10¹² numbers. It is parsed
by NumPy's own reader of headers, which evaluates no code, and held against the bytes that are there before any array is
made.
"""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pretrained.task import InputError
from pretrained.uploads.limits import MOST_CELLS, MOST_COLUMNS, MOST_UNPACKED_BYTES, MOST_UNPACKED_MEGABYTES
from pretrained.uploads.name import quoted
from pretrained.uploads.recognise import Form, recognise

MOST_MEMBERS = 200
MOST_HEADER = 10_000
"""Bytes; NumPy's own limit for headers that nobody vouches for."""


@dataclass(frozen=True, eq=False)
class Array:
    """One sequence of numbers.

    Attributes:
        name: of the member of the archive; "" in a single file.
        values: ``[step, channel]``, finite.
    """

    name: str
    values: NDArray[np.float64]


def read_arrays(name: str, content: bytes) -> tuple[Array, ...]:
    """The sequences that a file holds; one channel where an array has one axis.

    Raises:
        InputError: if it is damaged, too large when unpacked, or holds anything but finite real numbers.
    """
    form = recognise(name, content).form
    if form is Form.NPY:
        return (_read(quoted(name), "", content),)
    if form is Form.NPZ:
        return _read_archive(name, content)
    raise InputError(f"{quoted(name)} is {form}, not a NumPy array: upload NPY or NPZ.")


def _read_archive(name: str, content: bytes) -> tuple[Array, ...]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _check_members(name, members)
            return tuple(_read(f"{quoted(name)}, “{member.filename}”", member.filename.removesuffix(".npy"),
                               _unpack(name, archive, member)) for member in members)  # fmt: skip
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise InputError(f"{quoted(name)} is a damaged archive and cannot be unpacked; save it again.") from error


def _check_members(name: str, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise InputError(f"{quoted(name)} holds {len(members):,} arrays, and {MOST_MEMBERS} is the most: split it.")
    _check_unpacked(name, sum(member.file_size for member in members))


def _check_unpacked(name: str, size: int) -> None:
    if size > MOST_UNPACKED_BYTES:
        raise InputError(
            f"{quoted(name)} unpacks to {size / 1e6:,.0f} MB, and {MOST_UNPACKED_MEGABYTES} MB is the most: split it."
        )


def _unpack(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The bytes of a member, read no further than what the archive's list claims."""
    with archive.open(member) as file:
        content = file.read(member.file_size + 1)
    if len(content) != member.file_size:
        raise InputError(f"{quoted(name)}: “{member.filename}” is larger than the archive says; save it again.")
    return content


def _read(where: str, key: str, content: bytes) -> Array:
    shape, fortran, kind, start = _header(where, content)
    if kind.hasobject:
        raise InputError(f"{where} holds Python objects (a pickle, which could run code): save plain numbers instead.")
    if kind.kind not in "fiub":
        raise InputError(f"{where} holds {kind}, not real numbers: save it as float32.")
    _check_shape(where, shape)
    count = math.prod(shape)
    if len(content) - start != count * kind.itemsize:
        raise InputError(
            f"{where}: its header claims {count:,} numbers ({count * kind.itemsize:,} bytes), and "
            f"{len(content) - start:,} bytes follow: it was cut off or damaged; save it again."
        )
    values = np.frombuffer(content, kind, count, start).reshape(shape, order="F" if fortran else "C")
    _check_finite(where, values)
    return Array(key, values.astype(np.float64).reshape(shape[0], -1))


def _header(where: str, content: bytes) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Shape, order, dtype, and where the numbers begin."""
    file = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(file)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, fortran, kind = read(file, max_header_size=MOST_HEADER)
    except (ValueError, KeyError, SyntaxError, MemoryError, RecursionError, TypeError) as error:
        raise InputError(f"{where}: its header cannot be read; save it again with numpy.save.") from error
    return shape, fortran, kind, file.tell()


def _check_shape(where: str, shape: tuple[int, ...]) -> None:
    if len(shape) not in (1, 2):
        raise InputError(
            f"{where} has {len(shape)} axes: expected [step] or [step, channel]; save one sequence a file."
        )
    if 0 in shape:
        raise InputError(f"{where} holds no numbers (shape {list(shape)}): upload an array that does.")
    if len(shape) == 2 and shape[1] > MOST_COLUMNS:
        raise InputError(
            f"{where} has {shape[1]:,} channels, and {MOST_COLUMNS:,} is the most: expected [step, channel]; is it the "
            "other way round?"
        )
    if math.prod(shape) > MOST_CELLS:
        raise InputError(f"{where} holds {math.prod(shape):,} numbers, and {MOST_CELLS:,} is the most: cut it.")


def _check_finite(where: str, values: NDArray) -> None:
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        place = ", ".join(f"{axis} {index + 1:,}" for axis, index in zip(("step", "channel"), wrong[0], strict=False))
        value = values[tuple(wrong[0])]
        more = f" ({len(wrong):,} such numbers in all)" if len(wrong) > 1 else ""
        raise InputError(f"{where}, {place}: {value} is no number to compute with{more}; fill it in or cut it out.")
