"""Equivalence in runs made of a case: larger ones, longer ones, or only those that show what is asked about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from grader.cases import Case
from grader.properties.base import AS_IT_IS
from grader.properties.equivalence import Equivalence


@dataclass(frozen=True, kw_only=True, slots=True)
class EquivalentRuns(Equivalence):
    """The observations called ``of`` equal the reference's in another run than the case itself.

    That a submission is right where there was nothing to do is no sign of work, so this law never counts as one.

    Attributes:
        run: makes the run of a case (the case itself among them), or ``None`` where there is none.
    """

    run: Callable[[Case], Case | None]

    shows_effort: ClassVar[bool] = False
    law: ClassVar[str] = "gives what the reference gives in further runs"

    def variants(self, case: Case) -> Mapping[str, Case]:
        run = self.run(case)
        return {} if run is None else {AS_IT_IS: run}
