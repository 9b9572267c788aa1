"""Cost: what can be computed from a few integers takes no time and no memory, however large the integers are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from grader.cases import Case
from grader.execution.traces import PlainValue, TableValue, Value
from grader.properties.base import Evidence, Finding, Property

_LARGE = "with large sizes"
# Counted, not timed, so that a slow machine changes nothing. Far above what arithmetic takes in any style, and far
# below one line, or 8 bytes, for each of a million steps.
_MOST = {"lines of Python": 20_000, "bytes of memory": 2_000_000, "recurrent modules": 0}
_VERBS = {"lines of Python": "runs", "bytes of memory": "holds", "recurrent modules": "builds"}


@dataclass(frozen=True, kw_only=True, slots=True)
class CostsNothing(Property):
    """On a case of large sizes a call runs few lines, allocates little, and builds no recurrent module.

    The drive observes, as ``of``, what the call cost: a dict as ``grader.execution.costs`` makes it.

    Attributes:
        of: name of the observation.
        larger: makes the run with large sizes of a case, or ``None`` where there is none.
        most: how much of each cost is allowed.
    """

    of: str
    larger: Callable[[Case], Case | None]
    most: Mapping[str, int] = field(default_factory=lambda: dict(_MOST))

    law: ClassVar[str] = "large sizes cost nothing"

    def variants(self, case: Case) -> Mapping[str, Case]:
        larger = self.larger(case)
        return {} if larger is None else {_LARGE: larger}

    def compare(self, evidence: Evidence) -> Finding | None:
        for value in evidence.traces[_LARGE].named(self.of):
            if not isinstance(value, TableValue):
                continue
            for what, cost in zip(value.keys, value.values, strict=True):
                most = self.most.get(what)
                if most is None or _number(cost) <= most:
                    continue
                limit = f"more than {most:,} {what}" if most else what
                verb = _VERBS.get(what, "takes")
                return Finding(
                    message=f"With large sizes the call {verb} {limit}; it needs only the sizes themselves.",
                    expected=f"at most {most:,} {what}" if most else f"no {what}",
                    got=limit,
                    where=_LARGE,
                    labels=(_LARGE,),
                )
        return None


def _number(cost: Value) -> float:
    """A cost as a number; what is none, which only a submission can have put there, is more than any."""
    return cost.value if isinstance(cost, PlainValue) and type(cost.value) in (int, float) else math.inf
