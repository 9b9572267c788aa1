"""Arguments are not changed: what the caller hands over is afterwards as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
        lead: how the sentence begins, where it is something else than an argument.
    """

    of: tuple[str, ...]
    lead: str = "An argument was changed by the call"

    law: ClassVar[str] = "arguments are left as they were"

    def variants(self, case: Case) -> Mapping[str, Case]:
        return {AS_IT_IS: case}

    def compare(self, evidence: Evidence) -> Finding | None:
        finding = first_change(evidence.traces[AS_IT_IS], self.of, evidence.axes)
        if finding is None:
            return None
        message = f"{self.lead}: {finding.message}"
        return Finding(message=message, expected=finding.expected, got=finding.got, where=finding.where)


def first_change(trace: Trace, names: tuple[str, ...], axes: Axes) -> Finding | None:
    """The first difference between the two observations of a pair, for names that are observed in pairs."""
    for name in names:
        values = trace.named(name)
        for before, after in zip(values[::2], values[1::2], strict=False):
            if (finding := compare_named(name, [(before, after)], axes, _EVERYTHING)) is not None:
                return finding
    return None
