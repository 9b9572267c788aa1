"""Memory is not shared: writing into one result does not show in another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from grader.cases import Case
from grader.properties.arguments import first_change
from grader.properties.base import AS_IT_IS, Evidence, Finding, Property


@dataclass(frozen=True, kw_only=True, slots=True)
class NotShared(Property):
    """Each name in ``of`` is observed in pairs, before and after the drive wrote somewhere else; the two are the same.

    Attributes:
        of: names of observations, with the words for what was written into meanwhile.
    """

    of: Mapping[str, str]

    law: ClassVar[str] = "writing into one result does not show in another"

    def variants(self, case: Case) -> Mapping[str, Case]:
        return {AS_IT_IS: case}

    def compare(self, evidence: Evidence) -> Finding | None:
        for name, written in self.of.items():
            finding = first_change(evidence.traces[AS_IT_IS], (name,), evidence.axes)
            if finding is not None:
                return Finding(
                    message=f"After writing into {written}, {finding.message}",
                    expected=finding.expected,
                    got=finding.got,
                    where=finding.where,
                )
        return None
