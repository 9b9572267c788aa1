"""State dict round trip: what a module has learned is in its ``state_dict``, and a new module goes on from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from grader.cases import Case
from grader.execution.traces import Trace, Value
from grader.properties.base import Axes, Evidence, Finding, Property
from grader.properties.comparison import LENIENT
from grader.properties.equivalence import compare_named

_RELOADED = "saved and loaded"


@dataclass(frozen=True, kw_only=True, slots=True)
class StateDictRoundTrip(Property):
    """Each name in ``of`` is observed in threes: of a changed module, of a new one, and of the new one after loading.

    The drive is asked for this by the option ``reload``: it changes the parameters of a module, as training would,
    and loads its ``state_dict`` into a new one. The first and the third observation are the same. And where the
    reference's new module differs from its changed one, so does the submission's: what never changes is not saved.

    Attributes:
        of: names of observations.
    """

    of: tuple[str, ...]

    law: ClassVar[str] = "a state_dict holds all that was learned"

    def variants(self, case: Case) -> Mapping[str, Case]:
        return {_RELOADED: case.with_options(reload=True)}

    def compare(self, evidence: Evidence) -> Finding | None:
        trace = evidence.traces[_RELOADED]
        reference = None if evidence.reference is None else evidence.reference[_RELOADED]
        for name in self.of:
            values = trace.named(name)
            finding = _differs(name, list(zip(values[::3], values[2::3], strict=False)), evidence.axes)
            if finding is not None:
                return Finding(
                    message=f"Saved and loaded into a new module, {finding.message}",
                    expected=finding.expected,
                    got=finding.got,
                    where=finding.where,
                    labels=(_RELOADED,),
                )
            should = reference is not None and _changes(name, reference, evidence.axes)
            if should and not _changes(name, trace, evidence.axes):
                return Finding(
                    message=f"`{name}` of a module whose parameters were changed is that of a new one: "
                    "there is nothing in it that could be saved.",
                    expected="another result than that of a new module",
                    got="the same result",
                    where=name,
                    labels=(_RELOADED,),
                )
        return None


def _differs(name: str, pairs: Sequence[tuple[Value, Value]], axes: Axes) -> Finding | None:
    return compare_named(name, pairs, axes, LENIENT)


def _changes(name: str, trace: Trace, axes: Axes) -> bool:
    """Whether a new module shows something else than the changed one."""
    values = trace.named(name)
    return _differs(name, list(zip(values[::3], values[1::3], strict=False)), axes) is not None
