"""Compares two observed values: attributes first, then values; the earliest wrong step before the greatest error.

``differences`` returns data; ``explain`` makes a finding's texts of it. Tolerances stand in one table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from grader.execution.traces import ItemsValue, OpaqueValue, PlainValue, RefusalValue, TableValue, TensorValue, Value

Path = tuple[int | str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tolerance:
    """Two numbers are the same where ``|a - b| <= absolute + relative * |expected|``."""

    relative: float
    absolute: float


TOLERANCES = {
    # Right solutions that add in another order differ by about 1e-14 after 50 steps; the smallest mistakes
    # (a leak over one step, a state off by one) by 1e-5 and more, and what was rounded to single precision by 3e-8.
    "float64": Tolerance(relative=1e-8, absolute=1e-10),
    # The same orders of addition in single precision: about 1e-6 after 50 steps.
    "float32": Tolerance(relative=1e-4, absolute=1e-5),
    # Ten bits of mantissa (eight in bfloat16); only shapes and gross errors can be told.
    "float16": Tolerance(relative=2e-2, absolute=1e-2),
    "bfloat16": Tolerance(relative=5e-2, absolute=5e-2),
}
# A float that Python holds: taken from a tensor of either precision, but not rounded by hand.
_NUMBER = Tolerance(relative=1e-6, absolute=1e-7)
_TIME = ("window", "call", "step")  # axes along which something comes first, the coarsest before the finest
_MOST_KEYS = 8  # of a table, that are told
_EXACT = Tolerance(relative=0.0, absolute=0.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """The first difference between an expected and an observed value.

    Attributes:
        kind: what differs.
        path: how to get from the observed value to the place, through containers.
        index: the place within the tensor at ``path``, for values.
        count, of: how many numbers of that tensor differ, and how many there are.
    """

    kind: Literal["type", "length", "keys", "shape", "dtype", "device", "flag", "value", "nonfinite"]
    path: Path
    expected: str
    got: str
    index: tuple[int, ...] = ()
    count: int = 0
    of: int = 0
    flag: str = field(default="")


@dataclass(frozen=True, kw_only=True, slots=True)
class Strictness:
    """What counts as a difference besides values.

    Attributes:
        containers: whether a tuple and a list are different, and a named tuple from a plain one.
        flags: attributes of tensors that must be equal too, such as ``requires_grad`` or ``contiguous``.
        device: whether tensors must be on the same device.
        numbers: whether numbers are compared, or structure, shapes and dtypes only.
        exact: whether tensors' numbers must be equal to the last bit, as where nothing is computed.
    """

    containers: bool = False
    flags: tuple[str, ...] = ()
    device: bool = True
    numbers: bool = True
    exact: bool = False


LENIENT = Strictness()


def differences(
    expected: Value, got: Value, *, strictness: Strictness = LENIENT, path: Path = (), axes: tuple[str, ...] = ()
) -> Iterator[Difference]:
    """Differences in the order of the structure, at most one for every tensor or leaf."""
    match expected, got:
        case TensorValue(), TensorValue():
            if (difference := _tensors(expected, got, strictness, path, axes)) is not None:
                yield difference
        case ItemsValue(), ItemsValue():
            if strictness.containers and expected.type_name != got.type_name:
                yield Difference(kind="type", path=path, expected=describe(expected), got=describe(got))
            if len(expected.items) != len(got.items):
                yield Difference(kind="length", path=path, expected=describe(expected), got=describe(got))
            else:
                for index, (ours, theirs) in enumerate(zip(expected.items, got.items, strict=True)):
                    yield from differences(ours, theirs, strictness=strictness, path=(*path, index), axes=axes)
        case TableValue(), TableValue():
            if strictness.containers and expected.type_name != got.type_name:
                yield Difference(kind="type", path=path, expected=describe(expected), got=describe(got))
            if (expected.keys if strictness.containers else sorted(expected.keys)) != (
                got.keys if strictness.containers else sorted(got.keys)
            ):
                told = _with_keys(expected, got), _with_keys(got, expected)
                yield Difference(kind="keys", path=path, expected=told[0], got=told[1])
            else:
                theirs_by_key = dict(zip(got.keys, got.values, strict=True))
                for key, ours in zip(expected.keys, expected.values, strict=True):
                    theirs = theirs_by_key[key]
                    yield from differences(ours, theirs, strictness=strictness, path=(*path, key), axes=axes)
        case PlainValue(value=float() as ours), PlainValue(value=float() as theirs):
            if strictness.numbers and not _same_number(ours, theirs):
                yield Difference(kind="value", path=path, expected=f"{ours:.6g}", got=f"{theirs:.6g}", count=1, of=1)
        case PlainValue(), PlainValue() if type(expected.value) is type(got.value):
            if strictness.numbers and expected.value != got.value:
                yield Difference(kind="value", path=path, expected=describe(expected), got=describe(got), count=1, of=1)
        case RefusalValue(), RefusalValue():
            if expected.as_expected != got.as_expected or bool(expected.types) != bool(got.types):
                yield Difference(kind="value", path=path, expected=describe(expected), got=describe(got))
        case _:
            yield Difference(kind="type", path=path, expected=describe(expected), got=describe(got))


def _same_number(expected: float, got: float) -> bool:
    if expected == got or (math.isnan(expected) and math.isnan(got)):
        return True
    bound = _NUMBER.absolute + _NUMBER.relative * abs(expected)
    return math.isfinite(expected) and abs(got - expected) <= bound


def _tensors(
    expected: TensorValue, got: TensorValue, strictness: Strictness, path: Path, axes: tuple[str, ...]
) -> Difference | None:
    for kind in ("shape", "dtype", "device"):
        ours, theirs = getattr(expected, kind), getattr(got, kind)
        if ours != theirs and (kind != "device" or strictness.device):
            return Difference(kind=kind, path=path, expected=_text(kind, ours), got=_text(kind, theirs))
    for flag in strictness.flags:
        ours, theirs = getattr(expected, flag), getattr(got, flag)
        if ours != theirs:
            return Difference(kind="flag", path=path, expected=str(ours), got=str(theirs), flag=flag)
    if not strictness.numbers or expected.array is None or got.array is None:
        return None
    wrong = unequal(expected.array, got.array, expected.dtype, exact=strictness.exact)
    if not wrong.any():
        return None
    index = _first(wrong, axes)
    ours, theirs = expected.array[index], got.array[index]
    return Difference(
        kind="value" if np.isfinite(theirs) or not np.isfinite(ours) else "nonfinite",
        path=path,
        expected=_number(ours, other=theirs),
        got=_number(theirs, other=ours),
        index=index,
        count=int(wrong.sum()),
        of=wrong.size,
    )


def _first(wrong: np.ndarray, axes: tuple[str, ...]) -> tuple[int, ...]:
    """The place in ``wrong`` that is earliest in time, and among these the first."""
    places = np.argwhere(wrong)
    for axis in _TIME:
        place_of = wrong.ndim - len(axes) + axes.index(axis) if axis in axes else -1
        if place_of >= 0:
            places = places[places[:, place_of] == places[:, place_of].min()]
    return tuple(int(i) for i in places[0])


def unequal(expected: np.ndarray, got: np.ndarray, dtype: str, *, exact: bool = False) -> np.ndarray:
    """Where two arrays of one shape differ by more than the tolerance of a dtype; NaN equals NaN, and nothing else.

    With ``exact`` there is no tolerance, and -0.0 is not 0.0.
    """
    tolerance = TOLERANCES.get(dtype.replace("complex128", "float64").replace("complex64", "float32"), _EXACT)
    same = np.asarray(expected == got)
    if exact and expected.dtype.kind == "f":
        same &= np.signbit(expected) == np.signbit(got)
    if tolerance is _EXACT or same.all():  # most are, and the rest takes ten times as long
        return ~same
    if exact:
        return np.asarray(~(same | (np.isnan(expected) & np.isnan(got))))
    with np.errstate(invalid="ignore", over="ignore"):
        close = np.abs(got - expected) <= tolerance.absolute + tolerance.relative * np.abs(expected)
    close &= np.isfinite(expected)  # an infinite tolerance would take anything for infinity
    close |= same
    close |= np.isnan(expected) & np.isnan(got)
    return np.asarray(~close)


def earliest(found: Sequence[Difference], axes: tuple[str, ...]) -> Difference:
    """The difference to tell first: of form before of value, and among values the one at the earliest step."""
    for difference in found:
        if difference.kind not in ("value", "nonfinite"):
            return difference
    return min(found, key=lambda difference: _when(difference, axes))


def _when(difference: Difference, axes: tuple[str, ...]) -> tuple[int, ...]:
    named = dict(_named_indexes(difference, axes))
    return tuple(named.get(axis, 0) for axis in _TIME)


def _named_indexes(difference: Difference, axes: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Indexes through containers and into the tensor, with the names of the axes they run along, from the right."""
    indexes = [*difference.path, *difference.index]
    names = axes[: len(difference.path)] if not difference.index else axes
    for index, name in zip(reversed(indexes), reversed(names), strict=False):
        if isinstance(index, int):
            yield name, index


def place(name: str, difference: Difference, axes: tuple[str, ...]) -> str:
    """The place of a difference in words, such as ``outputs[1], step 3, feature 0``."""
    named = list(_named_indexes(difference, axes))[::-1] if difference.index else []
    in_path = max(len(difference.path) + len(difference.index) - len(named), 0)
    path = difference.path[:in_path]
    if not difference.index:
        path = difference.path
    text = name + "".join(f"[{part!r}]" for part in path)
    return ", ".join([text, *(f"{axis} {index}" for axis, index in named)])


def explain(difference: Difference) -> str:
    """What is wrong, as the end of a sentence whose subject is the place."""
    match difference.kind:
        case "shape":
            return f"has shape {difference.got}, expected {difference.expected}"
        case "dtype":
            return f"has dtype {difference.got}, expected {difference.expected}"
        case "device":
            return f"is on device {difference.got}, expected {difference.expected}"
        case "flag":
            return f"has {difference.flag}={difference.got}, expected {difference.expected}"
        case "nonfinite":
            return f"is {difference.got}, expected {difference.expected}"
        case "value" if difference.of > 1:
            share = f"{difference.count} of {difference.of} numbers differ"
            return f"is {difference.got}, expected {difference.expected} ({share})"
        case _:
            return f"is {difference.got}, expected {difference.expected}"


def _with_keys(table: TableValue, other: TableValue) -> str:
    """A table whose keys are not those of another one; of many, those that only it has."""
    others = set(other.keys)
    own = [key for key in table.keys if key not in others]
    if max(len(table.keys), len(other.keys)) <= _MOST_KEYS or set(table.keys) == set(other.keys):
        return describe(table)
    among = f", {', '.join(own[:_MOST_KEYS])} among them" if own else ""
    return f"a {table.type_name} of {len(table.keys)} keys{among}"


def describe(value: Value) -> str:
    """A value in a few words."""
    match value:
        case TensorValue():
            return f"a tensor of shape {value.shape}"
        case ItemsValue():
            kind = value.type_name if value.type_name not in ("tuple", "list") else value.base
            if not value.items:
                return f"an empty {kind}"
            if len(value.items) > 4:
                return f"a {kind} of {len(value.items)} items"
            return f"a {kind} of ({', '.join(describe(item) for item in value.items)})"
        case TableValue():
            return f"a {value.type_name} with keys {', '.join(value.keys[:_MOST_KEYS]) or '(none)'}"
        case PlainValue(value=None):
            return "None"
        case PlainValue(value=bool() | str()):
            return repr(value.value)[:120]
        case PlainValue():
            return f"{type(value.value).__name__} {value.value!r}"[:120]
        case RefusalValue(types=()):
            return "no error"
        case RefusalValue():
            return f"{value.types[0]}" if value.as_expected else f"{value.types[0]} ({value.text[:80]})"
        case OpaqueValue():
            return f"an object of type {value.type_name}"


def _text(kind: str, value: object) -> str:
    return f"torch.{value}" if kind == "dtype" else str(value)


def _number(value: object, *, other: object) -> str:
    """A number in six digits; in all of them where in six it is no other than the one it differs from."""
    if not isinstance(value, np.floating | float):
        return str(value)
    short = f"{float(value):.6g}"
    return str(value) if isinstance(other, np.floating | float) and short == f"{float(other):.6g}" else short
