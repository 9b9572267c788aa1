"""Training learns: after some epochs the loss is low and the accuracy high, and neither was so at first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from grader.cases import Case
from grader.execution.traces import PlainValue, TableValue, Trace, Value
from grader.properties.base import Evidence, Finding, Property

_TRAINED = "trained"


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingLearns(Property):
    """A run that trains gets from as bad as chance to good, by the numbers that are observed once an epoch.

    Attributes:
        of: name of the observation: a dict of numbers, such as ``{"loss": 1.1, "accuracy": 0.35}``, once an epoch.
        training: makes the run that trains of a case.
        falls: for each number that falls, above what it is in the first epoch and below what in the last.
        rises: for each number that rises, at most what it is in the first epoch and at least what in the last.
    """

    of: str
    training: Callable[[Case], Case]
    falls: Mapping[str, tuple[float, float]]
    rises: Mapping[str, tuple[float, float]]

    shrinks: ClassVar[bool] = False
    law: ClassVar[str] = "training learns"

    def variants(self, case: Case) -> Mapping[str, Case]:
        return {_TRAINED: self.training(case)}

    def compare(self, evidence: Evidence) -> Finding | None:
        epochs = self._numbers(evidence.traces[_TRAINED])
        shown = self._told(evidence.traces[_TRAINED])
        expected = " and ".join(
            [
                *(f"{name} from above {first:g} to below {last:g}" for name, (first, last) in self.falls.items()),
                *(f"{name} from at most {first:g} to at least {last:g}" for name, (first, last) in self.rises.items()),
            ]
        )
        if evidence.reference is not None:
            expected += f" (the reference: {self._told(evidence.reference[_TRAINED])})"
        for name, numbers in epochs.items():
            if not numbers or None in numbers:
                says = f"The {name} of an epoch is no number."
            elif (
                (first := numbers[0]) is not None and (last := numbers[-1]) is not None and self._bad(name, first, last)
            ):
                says = f"In {len(numbers)} epochs the {name} went from {first:.2f} to {last:.2f}."
            else:
                continue
            return Finding(
                message=f"{says} Epoch by epoch: {shown}.",
                expected=expected,
                got=shown,
                where=f"{name}, epoch by epoch",
                labels=(_TRAINED,),
            )
        return None

    def remark(self, traces: Mapping[str, Trace]) -> str:
        return f"Epoch by epoch: {self._told(traces[_TRAINED])}."

    def _bad(self, name: str, first: float, last: float) -> bool:
        if name in self.falls:
            above, below = self.falls[name]
            return not (first > above and last < below)  # so that NaN is bad, too
        most, least = self.rises[name]
        return not (first <= most and last >= least)

    def _numbers(self, trace: Trace) -> dict[str, list[float | None]]:
        epochs = trace.named(self.of)
        return {name: [_number(epoch, name) for epoch in epochs] for name in (*self.falls, *self.rises)}

    def _told(self, trace: Trace) -> str:
        told = [
            f"{name} {', '.join('?' if number is None else f'{number:.2f}' for number in numbers)}"
            for name, numbers in self._numbers(trace).items()
        ]
        return "; ".join(told)


def _number(epoch: Value, name: str) -> float | None:
    """The number of that name in what was observed of an epoch, where it is one."""
    match epoch:
        case TableValue() if name in epoch.keys:
            value = epoch.values[epoch.keys.index(name)]
            if isinstance(value, PlainValue) and type(value.value) in (int, float):
                return float(value.value)
    return None
