"""Arguments are not changed: what the caller hands over is afterwards as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from grader.cases import Case
from grader.execution.traces import Trace
from grader.properties.base import AS_IT_IS, Axes, Evidence, Finding, Property
from grader.properties.comparison import Strictness
from grader.properties.equivalence import compare_named

_EVERYTHING = Strictness(containers=True, flags=("requires_grad", "grad_fn"))


@dataclass(frozen=True, kw_only=True, slots=True)
class ArgumentsUnchanged(Property):
    """Each name in ``of`` is observed in pairs, before and after a call; the two are the same to the last flag.

    Attributes:
        of: names of observations.
        saying: how a message begins, by name, where it is no argument that was changed.
    """

    of: tuple[str, ...]
    saying: Mapping[str, str] = field(default_factory=dict)

    law: ClassVar[str] = "arguments are left as they were"

    def variants(self, case: Case) -> Mapping[str, Case]:
        return {AS_IT_IS: case}

    def compare(self, evidence: Evidence) -> Finding | None:
        for name in self.of:
            finding = first_change(evidence.traces[AS_IT_IS], (name,), evidence.axes)
            if finding is not None:
                message = f"{self.saying.get(name, 'An argument was changed by the call:')} {finding.message}"
                return Finding(message=message, expected=finding.expected, got=finding.got, where=finding.where)
        return None


def first_change(trace: Trace, names: tuple[str, ...], axes: Axes) -> Finding | None:
    """The first difference between the two observations of a pair, for names that are observed in pairs."""
    for name in names:
        values = trace.named(name)
        for before, after in zip(values[::2], values[1::2], strict=False):
            if (finding := compare_named(name, [(before, after)], axes, _EVERYTHING)) is not None:
                return finding
    return None
