"""Equivalence: what is observed is what the reference gives, in structure, dtype and value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from grader.cases import Case
from grader.execution.traces import Value
from grader.properties.base import AS_IT_IS, Axes, Evidence, Finding, Property, stopped
from grader.properties.comparison import LENIENT, Strictness, differences, earliest, explain, place


@dataclass(frozen=True, kw_only=True, slots=True)
class Equivalence(Property):
    """The observations called ``of`` equal the reference's.

    Observations are compared name by name, in the order in which each name was observed; in what order different
    names come is left to the submission.

    Attributes:
        of: names of observations.
        strictness: what counts besides values.
    """

    of: tuple[str, ...]
    strictness: Strictness = LENIENT

    needs_reference: ClassVar[bool] = True
    shows_effort: ClassVar[bool] = True
    law: ClassVar[str] = "gives what the reference gives"

    def variants(self, case: Case) -> Mapping[str, Case]:
        return {AS_IT_IS: case}

    def judge(self, evidence: Evidence) -> Finding | None:
        assert evidence.reference is not None
        ours, theirs = evidence.reference[AS_IT_IS], evidence.traces[AS_IT_IS]
        failure = theirs.failure
        for name in self.of:
            expected, got = ours.named(name), theirs.named(name)
            both = zip(expected, got, strict=False)
            finding = compare_named(name, list(both), evidence.axes, self.strictness)
            if finding is not None and (failure is None or not failure.in_submission):
                return finding
            if failure is None and len(expected) != len(got):
                return Finding(
                    message=f"`{name}` was seen {len(got)} times, expected {len(expected)}.",
                    expected=f"{len(expected)} times",
                    got=f"{len(got)} times",
                    where=name,
                )
        return None if failure is None else stopped(failure, AS_IT_IS, evidence)

    def compare(self, evidence: Evidence) -> Finding | None:
        return self.judge(evidence)


def compare_named(
    name: str, pairs: Sequence[tuple[Value, Value]], axes: Axes, strictness: Strictness
) -> Finding | None:
    """Compares the (expected, got) values observed under one name; the first pair that differs is told."""
    own = axes.get(name, ())
    for number, (expected, got) in enumerate(pairs):
        found = list(differences(expected, got, strictness=strictness, axes=own))
        if found:
            difference = earliest(found, own)
            where = place(name, difference, own)
            if len(pairs) > 1:
                where = f"{where} (number {number + 1} of {len(pairs)})"
            return Finding(
                message=f"{where} {explain(difference)}.",
                expected=difference.expected,
                got=difference.got,
                where=where,
            )
    return None
