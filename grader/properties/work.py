"""Work grows linearly: what has been done is not done again for every further step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from grader.cases import Case
from grader.execution.traces import PlainValue, Trace
from grader.properties.base import AS_IT_IS, Evidence, Finding, Property

_TIMES = (1, 2, 3)  # equally far apart, so that linear work grows by the same each time
_SLACK = 1.1  # quadratic work grows by 1.67 times as much, by a little less with a linear part beside it


@dataclass(frozen=True, kw_only=True, slots=True)
class LinearWork(Property):
    """Work, counted by the drive, is the reference's, or grows no faster than what there is to do.

    A drive counts in what it hands to the submission (calls of a module, tokens it is fed) and observes each count
    as an ``int`` under a name, at the end of a run.

    Attributes:
        of: names of observed counts.
        longer: makes the run of a case with once, twice and three times so much to do; where it is ``None``, the
            counts of the case as it is must equal the reference's.
        unit: what there is more to do of, in a word for messages.
    """

    of: tuple[str, ...]
    longer: Callable[[Case, int], Case] | None = None
    unit: str = "step"

    law: ClassVar[str] = "work grows linearly"

    def variants(self, case: Case) -> Mapping[str, Case]:
        if self.longer is None:
            return {AS_IT_IS: case}
        return {_label(times): self.longer(case, times) for times in _TIMES}

    def compare(self, evidence: Evidence) -> Finding | None:
        for name in self.of:
            counts = [_count(evidence.traces[label], name) for label in evidence.traces]
            if None in counts:
                return Finding(message=f"`{name}` could not be counted.", expected="a count", got="none", where=name)
            known = [count for count in counts if count is not None]
            finding = self._grows(name, known) if self.longer is not None else _equals(name, known[0], evidence)
            if finding is not None:
                return finding
        return None

    def _grows(self, name: str, counts: list[int]) -> Finding | None:
        first, second = counts[1] - counts[0], counts[2] - counts[1]
        if second <= _SLACK * max(first, 0):
            return None
        linear = ", ".join(str(count) for count in (*counts[:2], counts[1] + first))
        return Finding(
            message=f"With once, twice and three times as many {self.unit}s, `{name}` is "
            f"{counts[0]}, {counts[1]} and {counts[2]}: every {self.unit} costs more than the one before.",
            expected=f"{linear}, if every {self.unit} cost the same",
            got=", ".join(map(str, counts)),
            where=name,
            labels=tuple(_label(times) for times in _TIMES),
        )


def _label(times: int) -> str:
    return f"{times} times as long"


def _count(trace: Trace, name: str) -> int | None:
    values = [value.value for value in trace.named(name) if isinstance(value, PlainValue)]
    return values[-1] if values and type(values[-1]) is int else None


def _equals(name: str, count: int, evidence: Evidence) -> Finding | None:
    expected = _count(evidence.reference[AS_IT_IS], name) if evidence.reference is not None else None
    if expected in (None, count):
        return None
    says = "more was done than is needed" if count > (expected or 0) else "something was left out"
    return Finding(
        message=f"`{name}` is {count}, expected {expected}: {says}.",
        expected=str(expected),
        got=str(count),
        where=name,
    )
