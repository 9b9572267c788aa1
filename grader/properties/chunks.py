"""Chunks equal the whole: a sequence run in pieces, its state handed on, gives what it gives in one go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from grader.cases import Case
from grader.execution.traces import Trace, Value
from grader.properties.base import AS_IT_IS, Evidence, Finding, Property
from grader.properties.comparison import LENIENT
from grader.properties.equivalence import compare_named

_CUT = "in pieces"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChunksEqualWhole(Property):
    """The last observation of each name in ``of`` is the same whether the case runs whole or in pieces.

    Attributes:
        of: names of observations.
        cut: makes the variant that runs in pieces, or ``None`` where the case can't be cut.
        pieces: how that variant runs, in words for messages.
    """

    of: tuple[str, ...]
    cut: Callable[[Case], Case | None]
    pieces: str = "in pieces, with the state handed on"

    law: ClassVar[str] = "in pieces as in one go"

    def variants(self, case: Case) -> Mapping[str, Case]:
        cut = self.cut(case)
        return {} if cut is None else {AS_IT_IS: case, _CUT: cut}

    def compare(self, evidence: Evidence) -> Finding | None:
        for name in self.of:
            expected, got = (_last(evidence.traces[label], name) for label in (AS_IT_IS, _CUT))
            run = f"Run {self.pieces},"
            if self._is_right(_CUT, name, evidence) and not self._is_right(AS_IT_IS, name, evidence):
                expected, got, run = got, expected, f"It is right {self.pieces}. Run in one go,"
            finding = compare_named(name, list(zip(expected, got, strict=False)), evidence.axes, LENIENT)
            if finding is not None:
                return replace(finding, message=f"{run} {finding.message}", labels=(AS_IT_IS, _CUT))
        return None

    def _is_right(self, label: str, name: str, evidence: Evidence) -> bool:
        """Whether a run ends as the reference's does, where there is one."""
        if evidence.reference is None:
            return False
        pairs = zip(_last(evidence.reference[label], name), _last(evidence.traces[label], name), strict=False)
        return compare_named(name, list(pairs), evidence.axes, LENIENT) is None


def _last(trace: Trace, name: str) -> Sequence[Value]:
    return trace.named(name)[-1:]
