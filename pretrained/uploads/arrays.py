"""NPY and NPZ: sequences of numbers, ``[step]`` or ``[step, channel]``; never a pickle, never more than was sent.

The header of an NPY file is a Python literal that says dtype and shape; 128 bytes can claim 10¹² numbers. It is parsed
as a literal, which runs no code, and held against the bytes that are there before any array is made.
"""

from __future__ import annotations

import ast
import io
import math
import re
import zipfile
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pretrained.task import InputError
from pretrained.uploads.damage import refused_as
from pretrained.uploads.limits import MOST_CELLS, MOST_COLUMNS, MOST_UNPACKED_BYTES, MOST_UNPACKED_MEGABYTES
from pretrained.uploads.name import quoted
from pretrained.uploads.recognise import Form, recognise

MOST_MEMBERS = 200
MOST_HEADER, MOST_BRACKETS = 10_000, 100
"""Bytes, NumPy's own limit for headers that nobody vouches for; and brackets, which take a parser's stack."""

LENGTHS = {1: 2, 2: 4, 3: 4}
"""Bytes that say how long the header is, by version (numpy.lib.format)."""

PLAIN = re.compile(r"[<>=|]?[A-Za-z?]\d{0,4}")
"""A dtype of one number."""


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
    damaged = f"{quoted(name)} is a damaged archive and cannot be unpacked; save it again."
    found: list[Array] = []
    with refused_as(damaged), zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        _check_members(name, members)
        for member in members:
            where = f"{quoted(name)}, {quoted(member.filename)}"
            found.append(_read(where, member.filename.removesuffix(".npy"), _unpack(name, archive, member)))
            _check_together(name, found)
    return tuple(found)


def _check_together(name: str, arrays: list[Array]) -> None:
    """Refuse arrays that would make too large a table side by side."""
    channels = sum(array.values.shape[1] for array in arrays)
    steps = max(len(array.values) for array in arrays)
    if channels > MOST_COLUMNS or channels * steps > MOST_CELLS:
        raise InputError(
            f"{quoted(name)} holds more than {MOST_COLUMNS:,} channels or {MOST_CELLS:,} numbers in all its arrays, "
            "the most that is read: split it."
        )


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
    given = np.frombuffer(content, kind, count, start).reshape(shape, order="F" if fortran else "C")
    with np.errstate(over="ignore"):  # what is too large for 64 bits is infinite then, and refused
        values = given.astype(np.float64)
    _check_finite(where, values)
    return Array(key, values.reshape(shape[0], -1))


def _header(where: str, content: bytes) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Shape, order, dtype, and where the numbers begin."""
    with refused_as(f"{where}: its header cannot be read; save it again with numpy.save."):
        begin = 8 + LENGTHS[content[6]]
        end = begin + int.from_bytes(content[8:begin], "little")
        text = content[begin:end].decode("utf-8" if content[6] == 3 else "latin1")
        if not 0 < end - begin <= MOST_HEADER or sum(map(text.count, "([{")) > MOST_BRACKETS:
            raise ValueError
        said = ast.literal_eval(re.sub(r"(?<=\d)L\b", "", text.strip()))  # Python 2 wrote 3L
        shape, order, kind = said["shape"], said["fortran_order"], said["descr"]
        if type(shape) is not tuple or any(type(axis) is not int or not 0 <= axis < 2**63 for axis in shape):
            raise ValueError
        if not isinstance(kind, str) or not PLAIN.fullmatch(kind):
            raise InputError(f"{where} holds {str(kind)[:40]}, not real numbers: save it as float32.")
        return shape, bool(order), np.dtype(kind), end


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
