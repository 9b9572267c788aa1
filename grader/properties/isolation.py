"""Batch isolation: what happens in one sequence shows in that sequence and in no other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from grader.cases import Case
from grader.execution.traces import ItemsValue, TableValue, TensorValue, Trace, Value
from grader.properties.base import AS_IT_IS, Axes, Evidence, Finding, Property
from grader.properties.comparison import unequal

_CHANGED, _NAN, _PERMUTED = "one sequence changed", "NaN in one sequence", "batch permuted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Isolation(Property):
    """Sequences of a batch do not see each other.

    Three variants of a case are compared with the case itself, sequence by sequence: one sequence holds other
    numbers; one sequence holds NaN; the batch is in another order. The other sequences must come out the same. And
    the changed one must react wherever the reference's does: a constant is not isolated, it is dead. The one with NaN
    keeps its shape, and shows NaN, where the reference's does. Code that refuses NaN is judged by the others.

    Attributes:
        of: names of observations, each with an axis (or an outermost level of lists) called ``sequence``.
        permute: whether the batch may be put in another order.
        nan: whether NaN is tried.
    """

    of: tuple[str, ...]
    permute: bool = True
    nan: bool = True

    law: ClassVar[str] = "sequences of a batch do not see each other"

    def variants(self, case: Case) -> Mapping[str, Case]:
        if case.batch_size < 2:
            return {}
        changed, poisoned = _chosen(case)
        light = case.with_options(light=True)
        wanted = {
            AS_IT_IS: case,
            _CHANGED: light.with_sequence_changed(changed),
        }
        if self.nan:
            wanted[_NAN] = light.with_nan_in(poisoned)
        if self.permute:
            wanted[_PERMUTED] = light.permuted(_order(case))
        return wanted

    def lacks(self, axes: Axes) -> str:
        for name in self.of:
            if "sequence" not in (own := axes.get(name, ())):
                there = f"axes[{name!r}] is {own}" if own else f"axes names only {', '.join(axes) or 'nothing'}"
                return f'must know which axis of `{name}` is called "sequence", and {there}'
        return ""

    def judge(self, evidence: Evidence) -> Finding | None:
        failures = {label: trace.failure for label, trace in evidence.traces.items() if trace.failure is not None}
        if failures.keys() == {_NAN} and failures[_NAN].kind == "raised":
            # no exercise says that there may be NaN, and code may well check that there is none
            kept = {label: trace for label, trace in evidence.traces.items() if label != _NAN}
            evidence = replace(evidence, traces=kept)
        return Property.judge(self, evidence)

    def compare(self, evidence: Evidence) -> Finding | None:
        case, traces = evidence.case, evidence.traces
        changed, poisoned = _chosen(case)
        order = _order(case)
        same = {index: index for index in range(case.batch_size)}
        checks = (
            (_CHANGED, {i: j for i, j in same.items() if i != changed}, f"only sequence {changed} was changed"),
            (_NAN, {i: j for i, j in same.items() if i != poisoned}, f"only sequence {poisoned} was filled with NaN"),
            (_PERMUTED, {index: order.index(index) for index in same}, "the batch was only put in another order"),
        )
        for name in self.of:
            axes = _axes_of(evidence, name)
            for label, pairs, because in checks:
                if label not in traces:
                    continue
                finding = _others_same(name, traces[AS_IT_IS], traces[label], axes, pairs, because, label)
                if finding is not None:
                    return finding
        if evidence.reference is None:
            return None
        for name in self.of:
            axes = _axes_of(evidence, name)
            if _reacts(evidence.reference, name, axes, changed) and not _reacts(traces, name, axes, changed):
                return Finding(
                    message=f"Sequence {changed} was given other numbers, and `{name}` did not change for it.",
                    expected="another result for that sequence",
                    got="the same result",
                    where=f"{name}, sequence {changed}",
                    labels=(AS_IT_IS, _CHANGED),
                )
            for what, expected, got, holds in _OF_NAN if _NAN in traces else ():
                if holds(evidence.reference, name, axes, poisoned) and not holds(traces, name, axes, poisoned):
                    return Finding(
                        message=f"Sequence {poisoned} of `{name}` {what} it is filled with NaN.",
                        expected=expected,
                        got=got,
                        where=f"{name}, sequence {poisoned}",
                        labels=(AS_IT_IS, _NAN),
                    )
        return None


def _axes_of(evidence: Evidence, name: str) -> tuple[str, ...]:
    """The axes of an observation, with an empty name for each level that stands before those that have one.

    An LSTM's pair of ``(B, H)`` has one level more than ``("sequence", "feature")``: its two items are no sequences.
    What the reference gives says so, where there is one; a submission may return anything.
    """
    axes, traces = evidence.axes[name], evidence.reference or evidence.traces
    levels = max((_levels(value) for value in traces[AS_IT_IS].named(name)), default=0)
    return ("",) * (levels - len(axes)) + axes


def _levels(value: Value) -> int:
    """How many axes a value has, levels of containers included."""
    match value:
        case TensorValue():
            return len(value.shape)
        case ItemsValue():
            return 1 + max(map(_levels, value.items), default=0)
        case TableValue():
            return 1 + max(map(_levels, value.values), default=0)
    return 0


def _chosen(case: Case) -> tuple[int, int]:
    """Which sequence is changed and which poisoned: varies from case to case, and is the same every time."""
    seed = next(part.seeds[0] for part in case.parts.values() if hasattr(part, "seeds"))
    return seed % case.batch_size, (seed + 1) % case.batch_size


def _order(case: Case) -> tuple[int, ...]:
    """The last sequence first, the others behind it: no sequence stays where it was."""
    return (case.batch_size - 1, *range(case.batch_size - 1))


def _others_same(
    name: str,
    before: Trace,
    after: Trace,
    axes: tuple[str, ...],
    pairs: Mapping[int, int],
    because: str,
    label: str,
) -> Finding | None:
    for ours, theirs in zip(before.named(name), after.named(name), strict=False):
        for here, there in pairs.items():
            columns = itertools.zip_longest(
                _columns(ours, axes, here), _columns(theirs, axes, there), fillvalue=("", np.empty(0))
            )
            for (dtype, one), (_, other) in columns:
                if one.shape == other.shape and not (wrong := unequal(one, other, dtype)).any():
                    continue
                expected, got = "the same as before", "another shape"
                if one.shape == other.shape:
                    place = tuple(np.argwhere(wrong)[0])
                    expected, got = f"{one[place]:.6g}", f"{other[place]:.6g}"
                return Finding(
                    message=f"Sequence {here} of `{name}` came out differently, though {because}.",
                    expected=expected,
                    got=got,
                    where=f"{name}, sequence {here}",
                    labels=(AS_IT_IS, label),
                )
    return None


def _sizes_kept(traces: Mapping[str, Trace], name: str, axes: tuple[str, ...], sequence: int) -> bool:
    """Whether NaN in a sequence leaves its shapes as they are."""
    for ours, theirs in zip(traces[AS_IT_IS].named(name), traces[_NAN].named(name), strict=False):
        before, after = ([each.shape for _, each in _columns(value, axes, sequence)] for value in (ours, theirs))
        if before != after:
            return False
    return True


def _nan_shows(traces: Mapping[str, Trace], name: str, axes: tuple[str, ...], sequence: int) -> bool:
    """Whether a sequence of NaN comes out with some, each time that it is looked at."""
    for value in traces[_NAN].named(name):
        numbers = [each for _, each in _columns(value, axes, sequence) if each.dtype.kind == "f" and each.size]
        if not any(np.isnan(each).any() for each in numbers):
            return False
    return True


# what must be so of a sequence of NaN, if it is so in the reference's: words for the finding, and the check
_OF_NAN = (
    ("has another shape when", "the same shape as before", "another shape", _sizes_kept),
    ("holds none, though", "NaN", "other numbers", _nan_shows),
)


def _reacts(traces: Mapping[str, Trace], name: str, axes: tuple[str, ...], sequence: int) -> bool:
    for ours, theirs in zip(traces[AS_IT_IS].named(name), traces[_CHANGED].named(name), strict=False):
        columns = zip(_columns(ours, axes, sequence), _columns(theirs, axes, sequence), strict=False)
        for (dtype, one), (_, other) in columns:
            if one.shape != other.shape or unequal(one, other, dtype).any():
                return True
    return False


def _columns(value: Value, axes: tuple[str, ...], sequence: int, depth: int = 0) -> Iterator[tuple[str, np.ndarray]]:
    """All numbers of one sequence in a value, tensor by tensor; axis names are matched from the right."""
    match value:
        case TensorValue(array=np.ndarray() as array):
            axis = array.ndim - len(axes) + axes.index("sequence")
            if axis >= 0 and sequence < array.shape[axis]:
                yield value.dtype, np.take(array, sequence, axis=axis)
        case ItemsValue():
            if axes[0] == "sequence" and depth == 0:
                if sequence < len(value.items):
                    yield from _all(value.items[sequence])
            else:
                for item in value.items:
                    yield from _columns(item, axes, sequence, depth + 1)
        case TableValue():
            for item in value.values:
                yield from _columns(item, axes, sequence, depth + 1)


def _all(value: Value) -> Iterator[tuple[str, np.ndarray]]:
    match value:
        case TensorValue(array=np.ndarray() as array):
            yield value.dtype, array
        case ItemsValue():
            for item in value.items:
                yield from _all(item)
