"""Gradients: they equal the reference's, and so reach exactly as far as they should."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from grader.cases import Case
from grader.execution.traces import ItemsValue, PlainValue, RefusalValue, TableValue, TensorValue, Value, tensors_of
from grader.properties.base import AS_IT_IS, Evidence, Finding, Property, got_ends
from grader.properties.comparison import LENIENT
from grader.properties.equivalence import compare_named

_NONE = PlainValue(value=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gradients(Property):
    """The gradients observed as ``of`` equal the reference's; where one stops or leaks, it says at which step.

    A drive observes a gradient as a tensor, as ``None`` where none arrived, or as a nesting of these; a gradient of
    zeros and none at all are the same, and an error where torch could not take it. Axis names come from the
    exercise's ``axes``.

    Attributes:
        of: names of observations.
        where_kept: further ones, compared only where the submission's way of taking gradients leaves any: they tell
            a student more, but ``torch.autograd.grad`` may never compute them.
    """

    of: tuple[str, ...]
    where_kept: tuple[str, ...] = ()

    needs_reference: ClassVar[bool] = True
    law: ClassVar[str] = "gradients are the reference's and reach exactly as far"

    def variants(self, case: Case) -> Mapping[str, Case]:
        return {AS_IT_IS: case}

    def compare(self, evidence: Evidence) -> Finding | None:
        assert evidence.reference is not None
        for name in (*self.where_kept, *self.of):
            expected = [_none_for_zeros(value) for value in evidence.reference[AS_IT_IS].named(name)]
            got = [_none_for_zeros(value) for value in evidence.traces[AS_IT_IS].named(name)]
            if name in self.where_kept and not any(_any(value) for value in got):
                continue
            if len(expected) != len(got):
                times = f"{len(got)} time" + "s" * (len(got) != 1)
                return Finding(
                    message=f"`{name}` could be read {times}, expected {len(expected)}.",
                    expected=str(len(expected)),
                    got=str(len(got)),
                    where=name,
                )
            pairs = list(zip(expected, got, strict=True))
            for _, theirs in pairs:
                if isinstance(theirs, RefusalValue) and theirs.types:
                    return _could_not_be_taken(name, theirs)
            for ours, theirs in pairs:
                if (finding := _reach(name, ours, theirs, evidence.axes.get(name, ()))) is not None:
                    return finding
            if (finding := compare_named(name, pairs, evidence.axes, LENIENT)) is not None:
                return finding
        return None


def _none_for_zeros(value: Value) -> Value:
    match value:
        case TensorValue(array=np.ndarray() as array) if not np.any(array != 0):
            return _NONE
        case ItemsValue():
            return dataclasses.replace(value, items=tuple(_none_for_zeros(item) for item in value.items))
        case TableValue():
            return dataclasses.replace(value, values=tuple(_none_for_zeros(item) for item in value.values))
    return value


def _any(value: Value) -> bool:
    return next(tensors_of(value), None) is not None


def _could_not_be_taken(name: str, failed: RefusalValue) -> Finding:
    got = f"{failed.types[0]}: {' '.join(failed.text.split())[:300]}"
    why = ""
    if "modified by an inplace operation" in failed.text or "modified inplace" in failed.text:
        why = " Something that the graph needs was written over after it was used."
    stop = "" if got_ends(got) else "."
    return Finding(message=f"{name} could not be taken: {got}{stop}{why}", expected="gradients", got=got, where=name)


def _reach(name: str, expected: Value, got: Value, axes: tuple[str, ...]) -> Finding | None:
    """Where a gradient should arrive and none does, or the other way round."""
    match expected, got:
        case ItemsValue(), ItemsValue():
            for index, (ours, theirs) in enumerate(zip(expected.items, got.items, strict=False)):
                if (finding := _reach(f"{name}[{index}]", ours, theirs, axes)) is not None:
                    return finding
        case TableValue(), TableValue():
            theirs_by_key = dict(zip(got.keys, got.values, strict=True))
            for key, ours in zip(expected.keys, expected.values, strict=True):
                theirs = theirs_by_key.get(key, _NONE)
                if (finding := _reach(f"{name}, {key}", ours, theirs, axes)) is not None:
                    return finding
        case TensorValue(), PlainValue():
            return Finding(
                message=f"{name}: no gradient arrives, though one should.",
                expected="a gradient",
                got="none",
                where=name,
            )
        case PlainValue(), TensorValue():
            message = f"{name}: a gradient arrives, where none should."
            return Finding(message=message, expected="no gradient", got="a gradient", where=name)
        case TensorValue(array=np.ndarray() as ours), TensorValue(array=np.ndarray() as theirs) if (
            "step" in axes and ours.shape == theirs.shape and ours.ndim >= len(axes) - axes.index("step")
        ):
            axis = ours.ndim - len(axes) + axes.index("step")
            others = tuple(i for i in range(ours.ndim) if i != axis)
            wanted, came = np.any(ours != 0, axis=others), np.any(theirs != 0, axis=others)
            wrong = np.flatnonzero(wanted != came)
            if len(wrong):
                step = int(wrong[-1])
                says = "no gradient reaches it, though one should"
                if came[step]:
                    says = "a gradient reaches it, though none should"
                return Finding(
                    message=f"{name}, step {step} of {ours.shape[axis]}: {says}.",
                    expected=f"steps with a gradient: {_steps(wanted)}",
                    got=f"steps with a gradient: {_steps(came)}",
                    where=f"{name}, step {step}",
                )
    return None


def _steps(mask: np.ndarray) -> str:
    return ", ".join(str(step) for step in np.flatnonzero(mask)) or "none"
