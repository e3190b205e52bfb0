"""NPY and NPZ: numbers, ``[step]`` or ``[step, channel]``, with times and names beside them as columns of a table.

Nothing is a pickle, and nothing takes more than was sent.

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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core_models.language import say
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

PLAIN = re.compile(r"[<>=|]?(?:[A-Za-z?]\d{0,4}|[mM]8\[\d{0,4}[A-Za-z]{1,2}\])")
"""A dtype of one number, text or time."""

FEW_STEPS, MANY_CHANNELS = 16, 8
"""Rows, and columns for each of them, by which an array is seen to be ``[channel, step]``."""

Column = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Array:
    """One array, as columns of a table.

    Attributes:
        name: of the member of the archive; "" in a single file.
        columns: by name; numbers are ``float64`` with NaN where they are missing, times ``datetime64``, texts objects.
        turned: whether it was ``[channel, step]``.
    """

    name: str
    columns: dict[str, Column]
    turned: bool = False

    @property
    def steps(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values())))


def read_arrays(name: str, content: bytes) -> tuple[Array, ...]:
    """The arrays that a file holds; one channel where an array has one axis, the fields of records by their names.

    Raises:
        InputError: if it is damaged, too large when unpacked, or holds anything but real numbers, times and texts.
    """
    form = recognise(name, content).form
    if form is Form.NPY:
        return (_read(quoted(name), "", content),)
    if form is Form.NPZ:
        return _read_archive(name, content)
    raise InputError(say("{file} is {form}, not a NumPy array: upload NPY or NPZ.", file=quoted(name), form=say(form)))


def _read_archive(name: str, content: bytes) -> tuple[Array, ...]:
    damaged = say("{file} is a damaged archive and cannot be unpacked; save it again.", file=quoted(name))
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
    channels = sum(len(array.columns) for array in arrays)
    steps = max(array.steps for array in arrays)
    if channels > MOST_COLUMNS or channels * steps > MOST_CELLS:
        raise InputError(
            say(
                "{file} holds more than {most:,} channels or {cells:,} numbers in all its "
                "arrays, the most that is read: split it.",
                file=quoted(name),
                most=MOST_COLUMNS,
                cells=MOST_CELLS,
            )
        )


def _check_members(name: str, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise InputError(
            say(
                "{file} holds {n:,} arrays, and {most} is the most: split it.",
                file=quoted(name),
                n=len(members),
                most=MOST_MEMBERS,
            )
        )
    _check_unpacked(name, sum(member.file_size for member in members))


def _check_unpacked(name: str, size: int) -> None:
    if size > MOST_UNPACKED_BYTES:
        raise InputError(
            say(
                "{file} unpacks to {n:,.0f} MB, and {most} MB is the most: split it.",
                file=quoted(name),
                n=size / 1e6,
                most=MOST_UNPACKED_MEGABYTES,
            )
        )


def _unpack(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The bytes of a member, read no further than what the archive's list claims."""
    with archive.open(member) as file:
        content = file.read(member.file_size + 1)
    if len(content) != member.file_size:
        raise InputError(
            say(
                "{file}: “{filename}” is larger than the archive says; save it again.",
                file=quoted(name),
                filename=member.filename,
            )
        )
    return content


def _read(where: str, key: str, content: bytes) -> Array:
    shape, fortran, kind, start = _header(where, content)
    if kind.hasobject:
        raise InputError(
            say(
                "{where} holds Python objects (a pickle, which could run code): save plain numbers instead.",
                where=where,
            )
        )
    kinds = {field: kind[field] for field in kind.names} if kind.names else {"": kind}
    if any(each.kind not in KINDS or each.shape for each in kinds.values()):
        raise InputError(
            say("{where} holds {kind}, not real numbers: save it as float32.", where=where, kind=str(kind)[:40])
        )
    _check_shape(where, shape, len(kinds))
    count = math.prod(shape)
    if len(content) - start != count * kind.itemsize:
        raise InputError(
            say(
                "{where}: its header claims {count:,} numbers ({size:,} bytes), and "
                "{follow:,} bytes follow: it was cut off or damaged; save it again.",
                where=where,
                count=count,
                size=count * kind.itemsize,
                follow=len(content) - start,
            )
        )
    given = np.frombuffer(content, kind, count, start).reshape(shape, order="F" if fortran else "C")
    if kind.names:
        return Array(key, {field: _column(given[field].ravel()) for field in kinds})
    turned = len(shape) == 2 and shape[0] <= FEW_STEPS and shape[1] >= MANY_CHANNELS * shape[0]
    table = given.reshape(shape[0], -1)
    table = table.T if turned else table
    alone = key and table.shape[1] == 1
    names = [key] if alone else [f"{key} channel {place}".strip() for place in range(1, table.shape[1] + 1)]
    return Array(key, {name: _column(table[:, place]) for place, name in enumerate(names)}, turned)


KINDS = "fiubMUS"
"""Numbers, truth values, times and texts, by NumPy's letters."""


def _column(values: NDArray) -> Column:
    if values.dtype.kind == "M":
        return values.astype("datetime64[us]")
    if values.dtype.kind in "US":
        return np.array([_text(value) for value in values.tolist()], dtype=object)
    with np.errstate(over="ignore"):  # what is too large for 64 bits is infinite then, and counts as missing
        return values.astype(np.float64)


def _text(value: str | bytes) -> str:
    """A text of an array, without what no text can hold."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _header(where: str, content: bytes) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Shape, order, dtype, and where the numbers begin."""
    with refused_as(say("{file}: its header cannot be read; save it again with numpy.save.", file=where)):
        begin = 8 + LENGTHS[content[6]]
        end = begin + int.from_bytes(content[8:begin], "little")
        text = content[begin:end].decode("utf-8" if content[6] == 3 else "latin1")
        if not 0 < end - begin <= MOST_HEADER or sum(map(text.count, "([{")) > MOST_BRACKETS:
            raise ValueError
        said = ast.literal_eval(re.sub(r"(?<=\d)L\b", "", text.strip()))  # Python 2 wrote 3L
        shape, order, kind = said["shape"], said["fortran_order"], said["descr"]
        if type(shape) is not tuple or any(type(axis) is not int or not 0 <= axis < 2**63 for axis in shape):
            raise ValueError
        if not _is_plain(kind):
            raise InputError(
                say("{where} holds {kind}, not real numbers: save it as float32.", where=where, kind=str(kind)[:40])
            )
        return shape, bool(order), np.dtype(kind), end


def _is_plain(kind: object) -> bool:
    """Whether a dtype is one number, text or time, or a record of such fields, padding included."""
    if isinstance(kind, str):
        return PLAIN.fullmatch(kind) is not None
    return isinstance(kind, list) and all(
        isinstance(field, tuple) and len(field) == 2 and all(isinstance(part, str) for part in field)
        and PLAIN.fullmatch(field[1]) for field in kind
    )  # fmt: skip


def _check_shape(where: str, shape: tuple[int, ...], fields: int) -> None:
    if len(shape) not in (1, 2) or (fields > 1 and len(shape) != 1):
        raise InputError(
            say(
                "{where} has {shape} axes: expected [step] or [step, channel]; save one sequence a file.",
                where=where,
                shape=len(shape),
            )
        )
    if 0 in shape:
        raise InputError(
            say("{where} holds no numbers (shape {shape}): upload an array that does.", where=where, shape=list(shape))
        )
    if math.prod(shape) * fields > MOST_CELLS:
        raise InputError(
            say(
                "{where} holds {n:,} numbers, and {cells:,} is the most: cut it.",
                where=where,
                n=math.prod(shape) * fields,
                cells=MOST_CELLS,
            )
        )
    channels = min(shape) if len(shape) == 2 and shape[0] <= FEW_STEPS else shape[-1] if len(shape) == 2 else fields
    if channels > MOST_COLUMNS:
        raise InputError(
            say(
                "{where} has {channels:,} channels, and {most:,} is the most: expected [step, "
                "channel]; is it the other way round?",
                where=where,
                channels=channels,
                most=MOST_COLUMNS,
            )
        )
