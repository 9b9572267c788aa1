"""Marks of a small cohort, and what an export makes of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from grader.exports.sheet import Sheet
from grader.policy import Policy, finals
from tests.marks import Mark, PropertyMark

DUE = datetime(2026, 11, 21, 22, 59, tzinfo=UTC)
LAWS = (
    PropertyMark(name="equal to the reference", points=3, max_points=5, status="failed"),
    PropertyMark(name="isolated", points=5, max_points=5),
)
ADA = {"student": "1044", "name": "Lovelace, Ada", "email": "ada@example.edu"}
BEN = {"student": "1045", "name": "Ben Hur", "email": "ben@example.edu"}
MARKS = (
    Mark(**ADA, score=8, properties=LAWS, handed_in=DUE - timedelta(hours=1)),
    Mark(**ADA, exercise="generate", score=20, max_score=20, status="passed", handed_in=DUE),
    Mark(**BEN, score=10, status="passed", handed_in=DUE + timedelta(hours=26, seconds=5), late=True),
)


def sheet(marks: Sequence[Mark] = MARKS, policy: Policy | None = None, **options: Any) -> Sheet:
    """What is exported of marks, with a tenth of the points for each day late."""
    policy = policy or Policy(due=DUE, late_penalty_per_day=Fraction(1, 10))
    done = finals(marks, policy, weights={}, pass_mark=0.6, exercises=("unroll", "generate"))
    return Sheet(finals=done, marks=marks, due=policy.due, **options)


def rows(text: str) -> list[list[str]]:
    """The cells of a CSV."""
    return list(csv.reader(io.StringIO(text, newline="")))
