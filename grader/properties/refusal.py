"""Refuses: a wrong argument gets the error that the contract names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from grader.cases import Case
from grader.execution.traces import RefusalValue
from grader.properties.base import AS_IT_IS, Evidence, Finding, Property, got_ends

_NOT_REFUSED = "A call that must be refused was not"


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
    lead: str = ""

    law: ClassVar[str] = "wrong arguments are refused"

    def variants(self, case: Case) -> Mapping[str, Case]:
        wrong = self.wrong(case)
        return {} if wrong is None else {AS_IT_IS: wrong}

    def compare(self, evidence: Evidence) -> Finding | None:
        for name in (self.of,) if isinstance(self.of, str) else self.of:
            for value in evidence.traces[AS_IT_IS].named(name):
                if isinstance(value, RefusalValue) and not value.as_expected:
                    return self._finding(value, name)
        return None

    def _finding(self, value: RefusalValue, name: str) -> Finding:
        """Nothing was raised, or something else."""
        got = ": ".join([*value.types[:1], *filter(None, [value.text[:120]])]) or "no error"
        which = "" if isinstance(self.of, str) else f" ({name})"
        stop = "" if got_ends(got) else "."
        message = f"{self.lead or _NOT_REFUSED}{which}: expected {value.expected}, got {got}{stop}"
        if value.types and not self.lead:
            message = f"A call was refused with another error than {value.expected}{which}: {got}{stop}"
        return Finding(message=message, expected=value.expected, got=got, where=name)
