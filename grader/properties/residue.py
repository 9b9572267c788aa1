"""Leaves nothing behind: what a call made is gone once its caller has let go of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from grader.cases import Case
from grader.execution.traces import PlainValue
from grader.properties.base import AS_IT_IS, Evidence, Finding, Property


@dataclass(frozen=True, kw_only=True, slots=True)
class LeavesNothing(Property):
    """The drive drops all it holds and observes, as ``of``, whether a tensor is still alive; none is.

    Attributes:
        of: name of the observation, a bool (``still_alive``).
    """

    of: str

    law: ClassVar[str] = "no call keeps tensors"

    def variants(self, case: Case) -> Mapping[str, Case]:
        return {AS_IT_IS: case}

    def compare(self, evidence: Evidence) -> Finding | None:
        if PlainValue(value=True) not in evidence.traces[AS_IT_IS].named(self.of):
            return None
        return Finding(
            message="After the call, something still holds a tensor of it: a global, a cache, a closure or the module.",
            expected="freed when the caller lets go",
            got="still alive",
            where="after the call",
        )
