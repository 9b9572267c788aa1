"""Chunks equal the whole: a sequence run in pieces, its state handed on, gives what it gives in one go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from grader.cases import Case
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
    """

    of: tuple[str, ...]
    cut: Callable[[Case], Case | None]

    law: ClassVar[str] = "in pieces as in one go"

    def variants(self, case: Case) -> Mapping[str, Case]:
        cut = self.cut(case)
        return {} if cut is None else {AS_IT_IS: case, _CUT: cut}

    def compare(self, evidence: Evidence) -> Finding | None:
        whole, pieces = evidence.traces[AS_IT_IS], evidence.traces[_CUT]
        for name in self.of:
            pairs = list(zip(whole.named(name)[-1:], pieces.named(name)[-1:], strict=False))
            if (finding := compare_named(name, pairs, evidence.axes, LENIENT)) is not None:
                return Finding(
                    message=f"Run in pieces, with the state handed on, {finding.message}",
                    expected=finding.expected,
                    got=finding.got,
                    where=finding.where,
                    labels=(AS_IT_IS, _CUT),
                )
        return None
