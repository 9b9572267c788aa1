"""What came back from a worker, decoded in the grader: values, moments, traces.

Everything here was claimed by a process that ran somebody's code. It is rebuilt from JSON and bytes, checked for
form and size, and only ever compared. What a trace may take of the grader's memory is bounded (see ``protocol``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load

from grader.execution.protocol import (
    MAX_AXES,
    MAX_BLOB_BYTES,
    MAX_DEPTH,
    MAX_NAMES,
    MAX_TEXT,
    MAX_VALUES,
    Frame,
    ProtocolError,
)

_MEAN_BYTES = 1 << 20  # of the traces of many runs; the course's have a hundredth of it
_MAX_HEADER_BYTES = 4_096  # of a safetensors block; it has one entry a dtype
_MAX_AXIS = 1 << 40  # larger than any tensor, and small enough to calculate with


@dataclass(frozen=True, kw_only=True, slots=True)
class TensorValue:
    """A tensor. ``array`` is ``None`` on the ``meta`` device, where there are no numbers."""

    shape: tuple[int, ...]
    dtype: str
    device: str
    contiguous: bool
    requires_grad: bool
    grad_fn: str | None
    array: np.ndarray | None = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemsValue:
    """A tuple or a list; ``base`` is which of the two, ``type_name`` the exact type (a named tuple's name)."""

    base: Literal["tuple", "list"]
    type_name: str
    items: tuple[Value, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TableValue:
    """A dict, in its order."""

    type_name: str
    keys: tuple[str, ...]
    values: tuple[Value, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainValue:
    """``None``, a bool, an int, a float or a string."""

    value: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusalValue:
    """What came of a call that must be refused; ``types`` is empty where it was accepted."""

    types: tuple[str, ...]
    expected: str
    text: str

    @property
    def as_expected(self) -> bool:
        """Whether the expected exception, or a subclass of it, was raised."""
        return self.expected in self.types


@dataclass(frozen=True, kw_only=True, slots=True)
class OpaqueValue:
    """Anything else: only its type is known."""

    type_name: str


Value = TensorValue | ItemsValue | TableValue | PlainValue | RefusalValue | OpaqueValue


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """One call of ``observe``: named values and, where the run measured, memory.

    Attributes:
        values: what was observed, by name.
        nodes: autograd nodes reachable from the values.
        heap: live bytes of the C heap.
        objects: live blocks of Python's own allocator, which holds small objects apart from the heap.
        device: live bytes on the accelerator.
    """

    values: Mapping[str, Value]
    nodes: int | None = None
    heap: int | None = None
    objects: int | None = None
    device: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why a run, or an import, did not end as it should.

    Attributes:
        kind: ``raised`` in the process; ``tampered`` with what the run relies on; ``timeout``, ``died``, ``broken``
            (what came was no trace) or ``not_run`` are said by the grader.
        types: names of the exception's class and its bases, most special first.
        text: the exception's text, or what happened.
        file, line, function: the last place in the submission on the way, where there is one.
        drive: the place in the exercise's drive, where it was the last on the way and the code is the course's own.
    """

    kind: Literal["raised", "tampered", "timeout", "died", "broken", "not_run"]
    text: str
    types: tuple[str, ...] = ()
    file: str | None = None
    line: int | None = None
    function: str | None = None
    drive: str = ""

    @property
    def in_submission(self) -> bool:
        """Whether the submission's own code was running, or had been called, when it happened."""
        return self.file is not None

    @property
    def where(self) -> str:
        """The place as a person would say it, or an empty text."""
        if self.file is None:
            return ""
        place = f"{self.file}, line {self.line}" if self.line is not None else self.file
        return f"{place}, in {self.function}" if self.function and self.function != "<module>" else place

    def __str__(self) -> str:
        text = ": ".join(part for part in (*self.types[:1], self.text) if part)
        said = not self.where or text.endswith(f"({self.where})")  # as a SyntaxError says itself
        return text if said else f"{text} ({self.where})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """All that was seen of one run; ``resident`` is the worker's resident memory (bytes) at each moment."""

    moments: tuple[Moment, ...] = ()
    failure: Failure | None = None
    resident: tuple[int, ...] = ()

    def named(self, name: str) -> list[Value]:
        """Every value observed under a name, in order."""
        return [moment.values[name] for moment in self.moments if name in moment.values]

    def ended_by(self, *kinds: str) -> bool:
        """Whether it ended by a failure of one of these kinds."""
        return self.failure is not None and self.failure.kind in kinds


_NOT_ALLOWED = "; a submission may not start programs, use the network, or open files outside its own folder"
ReadTrace = Callable[[str, Frame, tuple[int, ...]], Trace]  # a run's key, its frame, and its resident memory


def read_trace(frame: Frame, resident: tuple[int, ...] = ()) -> Trace:
    """The trace in a worker's frame. Raises ``ProtocolError`` where the frame holds no trace."""
    try:
        reader = _Reader(frame.blob)
        moments = tuple(reader.moment(moment) for moment in frame.data["moments"])
        outcome = frame.data["outcome"]
        failure = None if outcome["returned"] is True else read_failure(outcome)
    except (KeyError, TypeError, ValueError, AttributeError, SafetensorError) as error:
        raise ProtocolError(f"not a trace: {repr(error)[:200]}") from error
    return Trace(moments=moments, failure=failure, resident=resident)


def read_trace_of(key: str, frame: Frame, resident: tuple[int, ...]) -> Trace:
    """As ``read_trace``, whatever the run; what reads traces may also know those of a run by its key."""
    return read_trace(frame, resident)


def within_bounds(read: ReadTrace, *, runs: int) -> ReadTrace:
    """Reads traces of so many runs with ``read``, all of which are kept; refuses those that are too large together.

    One trace may be as large as a frame, but hundreds of such traces would fill the grader's memory.
    """
    left = MAX_BLOB_BYTES + runs * _MEAN_BYTES

    def read_one(key: str, frame: Frame, resident: tuple[int, ...]) -> Trace:
        nonlocal left
        left -= len(frame.body) + len(frame.blob)
        if left < 0:
            raise ProtocolError(f"more than {_MEAN_BYTES >> 20} MiB a run, in {runs} runs")
        return read(key, frame, resident)

    return read_one


def read_failure(data: Mapping[str, Any]) -> Failure:
    """What a worker described: an exception, or what the submission did to what the run relies on."""
    if "tampered" in data:
        return Failure(kind="tampered", text=_text(data["tampered"]))
    line = data["line"]
    types = _names(data["types"])
    return Failure(
        kind="raised",
        text=_text(data["text"]) + (_NOT_ALLOWED if "PermissionError" in types else ""),
        types=types,
        file=None if data["file"] is None else _text(data["file"]),
        line=line if type(line) is int else None,
        function=None if data["function"] is None else _text(data["function"]),
        drive=_place_in_drive(data["drive"]) if "drive" in data else "",
    )


def _place_in_drive(data: Mapping[str, Any]) -> str:
    line, function = data["line"], data["function"]
    return f"line {line}, in {_text(function)}" if type(line) is int else ""


class _Reader:
    """Reads the values of one trace, up to the bounds of a trace.

    The numbers of its tensors come as one flat tensor for each dtype, which holds those of its tensors in their order.
    """

    def __init__(self, blob: bytes) -> None:
        if int.from_bytes(blob[:8], "little") > _MAX_HEADER_BYTES:
            raise ValueError("not one flat tensor for each dtype")
        self._numbers = load(blob) if blob else {}
        if any(each.dtype.name != name or each.ndim != 1 for name, each in self._numbers.items()):
            raise ValueError("not one flat tensor for each dtype")
        self._left = MAX_VALUES

    def moment(self, data: Mapping[str, Any]) -> Moment:
        self._count_in(1)
        return Moment(
            values={_text(name): self._value(value, 0) for name, value in data["values"].items()},
            nodes=_count(data.get("nodes")),
            heap=_count(data.get("heap")),
            objects=_count(data.get("objects")),
            device=_count(data.get("device")),
        )

    def _count_in(self, values: int) -> None:
        self._left -= values
        if self._left < 0:
            raise ValueError(f"more than {MAX_VALUES} values")

    def _value(self, data: Any, depth: int) -> Value:
        self._count_in(1)
        if depth > MAX_DEPTH:
            raise ValueError(f"values that are nested more than {MAX_DEPTH} times")
        if data is None or isinstance(data, bool | int | float):
            return PlainValue(value=data)
        if isinstance(data, str):
            return PlainValue(value=_text(data))
        match data["t"]:
            case "tensor":
                return self._tensor(data)
            case "items":
                items = tuple(self._value(item, depth + 1) for item in data["items"])
                base: Literal["tuple", "list"] = "tuple" if data["base"] == "tuple" else "list"
                return ItemsValue(base=base, type_name=_text(data["type"]), items=items)
            case "table":
                values = tuple(self._value(item, depth + 1) for item in data["values"])
                keys = tuple(_text(key) for key in data["keys"])
                if len(keys) != len(values):
                    raise ValueError("a table with more keys than values, or fewer")
                return TableValue(type_name=_text(data["type"]), keys=keys, values=values)
            case "refused":
                return RefusalValue(
                    types=_names(data["types"]), expected=_text(data["expected"]), text=_text(data["text"])
                )
            case "accepted":
                return RefusalValue(types=(), expected=_text(data["expected"]), text="")
            case "opaque":
                return OpaqueValue(type_name=_text(data["type"]))
            case other:
                raise ValueError(f"no such kind of value: {other!r}")

    def _tensor(self, data: Mapping[str, Any]) -> TensorValue:
        shape = tuple(_size(size) for size in data["shape"])
        self._count_in(len(shape))
        if len(shape) > MAX_AXES:
            raise ValueError(f"a tensor of {len(shape)} axes")
        dtype, device = _text(data["dtype"]), _text(data["device"])
        array: np.ndarray | None = None
        if (data["numbers"] is True) == (device == "meta"):  # without numbers it would be equal to any of its shape
            raise ValueError(f"a tensor on {device} {'with' if device == 'meta' else 'without'} numbers")
        if device != "meta":
            if math.prod(max(size, 1) for size in shape) > MAX_BLOB_BYTES:  # also where one of them is 0
                raise ValueError(f"a tensor of shape {shape}")
            array = self._take(dtype, math.prod(shape)).reshape(shape)
        return TensorValue(
            shape=shape,
            dtype=dtype,
            device=device,
            contiguous=data["contiguous"] is True,
            requires_grad=data["requires_grad"] is True,
            grad_fn=None if data["grad_fn"] is None else _text(data["grad_fn"]),
            array=array,
        )

    def _take(self, dtype: str, count: int) -> np.ndarray:
        """The next ``count`` numbers of a dtype of torch; each can be taken once, so that none costs memory twice."""
        stored, factor = _STORED.get(dtype, (dtype, 1))
        left = self._numbers[stored]
        if left.size < count * factor:
            raise ValueError(f"{left.size} numbers came for a tensor of {count}")
        taken, self._numbers[stored] = left[: count * factor], left[count * factor :]
        if dtype == "bfloat16":
            return np.left_shift(taken.astype(np.uint16).astype(np.uint32), np.uint32(16)).view(np.float32)
        return taken.view(dtype) if dtype in _STORED else taken


# as what, and how many of it, a number travels that numpy or safetensors does not know
_STORED = {"bfloat16": ("int16", 1), "complex64": ("float32", 2), "complex128": ("float64", 2)}


def _count(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"not a count: {value!r}")
    return value


def _size(value: Any) -> int:
    size = _count(value)
    if size is None:
        raise ValueError("a tensor without all its sizes")
    if size > _MAX_AXIS:
        raise ValueError(f"a tensor of size {size}")
    return size


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a text: {type(value).__name__}")
    return value[:MAX_TEXT]


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"not a list: {type(value).__name__}")
    return tuple(_text(name) for name in value[:MAX_NAMES])


def tensors_of(value: Value) -> Iterator[TensorValue]:
    """Every tensor in a value, in order."""
    match value:
        case TensorValue():
            yield value
        case ItemsValue():
            for item in value.items:
                yield from tensors_of(item)
        case TableValue():
            for item in value.values:
                yield from tensors_of(item)
