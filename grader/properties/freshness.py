"""Fresh: a call gives the same whatever was called before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from grader.cases import Case
from grader.properties.base import AS_IT_IS, Evidence, Finding, Property
from grader.properties.comparison import LENIENT
from grader.properties.equivalence import compare_named

_AGAIN = "again, after the others"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fresh(Property):
    """The same case, run again in the same process after all others and in reverse order, gives the same."""

    of: tuple[str, ...]

    uses_reference: ClassVar[bool] = False
    of_other_calls: ClassVar[bool] = True
    law: ClassVar[str] = "calls leave nothing behind for later ones"

    def variants(self, case: Case) -> Mapping[str, Case]:
        return {AS_IT_IS: case, _AGAIN: case.with_options(again=True)}

    def compare(self, evidence: Evidence) -> Finding | None:
        first, again = evidence.traces[AS_IT_IS], evidence.traces[_AGAIN]
        for name in self.of:
            pairs = list(zip(first.named(name), again.named(name), strict=False))
            if (finding := compare_named(name, pairs, evidence.axes, LENIENT)) is not None:
                return Finding(
                    message=f"The same calls, made again later in the same process, gave something else: "
                    f"{finding.message}",
                    expected=finding.expected,
                    got=finding.got,
                    where=finding.where,
                    labels=(AS_IT_IS, _AGAIN),
                )
        return None
