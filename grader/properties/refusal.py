"""Refuses: a wrong argument gets the error that the contract names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from grader.cases import Case
from grader.execution.traces import RefusalValue
from grader.properties.base import AS_IT_IS, Evidence, Finding, Property


@dataclass(frozen=True, kw_only=True, slots=True)
class Refuses(Property):
    """Every observation called ``of`` is a call that must raise, and does, with the expected error.

    A drive makes such calls with ``attempt``; that nothing changed shows in what is observed after them.

    Attributes:
        of: name of the observation; or several, each of which says what call it is.
        wrong: makes the run with wrong arguments of a case, or ``None`` where there is none.
        lead: how the sentence begins, where it is another call than one with wrong arguments.
    """

    of: str | tuple[str, ...]
    wrong: Callable[[Case], Case | None]
    lead: str = "A call that must be refused was not"

    law: ClassVar[str] = "wrong arguments are refused"

    def variants(self, case: Case) -> Mapping[str, Case]:
        wrong = self.wrong(case)
        return {} if wrong is None else {AS_IT_IS: wrong}

    def compare(self, evidence: Evidence) -> Finding | None:
        alone = isinstance(self.of, str)
        for name in (self.of,) if isinstance(self.of, str) else self.of:
            for value in evidence.traces[AS_IT_IS].named(name):
                if isinstance(value, RefusalValue) and not value.as_expected:
                    got = f"{value.types[0]}: {value.text[:120]}" if value.types else "no error"
                    which = "" if alone else f" ({name})"
                    return Finding(
                        message=f"{self.lead}{which}: expected {value.expected}, got {got}.",
                        expected=value.expected,
                        got=got,
                        where=name,
                    )
        return None
