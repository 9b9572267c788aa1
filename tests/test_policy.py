"""From raw marks to final ones: lateness, attempts, drops and weights, each with the words that explain it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.policy import Final, Policy, days_late, decimal, finals, read_policy
from tests.marks import Mark

DUE = datetime(2026, 11, 21, 22, 59, tzinfo=UTC)
TENTH = Fraction(1, 10)


def final(*marks: Mark, policy: Policy | None = None, **options: Any) -> Final:
    """What one student has in the end."""
    options = {"weights": {}, "pass_mark": 0.5} | options
    (one,) = finals(marks, policy or Policy(), **options)
    return one


DAYS = {
    "in time": (timedelta(0), 0),
    "a second": (timedelta(seconds=1), 1),
    "a day": (timedelta(days=1), 1),
    "a day and a second": (timedelta(days=1, seconds=1), 2),
    "early": (timedelta(days=-3), 0),
}


@pytest.mark.parametrize(("after", "days"), DAYS.values(), ids=DAYS)
def test_days_that_have_begun_count(after: timedelta, days: int) -> None:
    """A day late begins with its first second, in whatever zone the time is told."""
    mark = Mark(handed_in=(DUE + after).astimezone(timezone(timedelta(hours=-8))))
    assert days_late(mark, Policy(due=DUE)) == days


FLAGS = {
    "late, no time": (Mark(late=True), 1),
    "late, in time": (Mark(late=True, handed_in=DUE), 1),
    "late, two days": (Mark(late=True, handed_in=DUE + timedelta(days=2)), 2),
    "not late there, for it had longer": (Mark(late=False, handed_in=DUE + timedelta(days=2)), 0),
    "nothing is known": (Mark(), 0),
}


@pytest.mark.parametrize(("mark", "days"), FLAGS.values(), ids=FLAGS)
def test_the_platform_knows_better(mark: Mark, days: int) -> None:
    """What the platform says of lateness comes first; a mark without a time is one day."""
    assert days_late(mark, Policy(due=DUE)) == days


PENALTIES = {
    "a day": (1, {}, "7", "unroll: 8 of 10, 1 day late: -1.00; in all 7.00 of 10.00"),
    "three days": (3, {}, "5", "unroll: 8 of 10, 3 days late: -3.00; in all 5.00 of 10.00"),
    "never below zero": (9, {}, "0", "unroll: 8 of 10, 9 days late: -8.00; in all 0.00 of 10.00"),
    "at most": (
        *(9, {"late_penalty_at_most": Fraction(1, 4)}, "11/2"),
        "unroll: 8 of 10, 9 days late: -2.50; in all 5.50 of 10.00",
    ),
    "the last day": (2, {"late_days_at_most": 2}, "6", "unroll: 8 of 10, 2 days late: -2.00; in all 6.00 of 10.00"),
    "too late": (3, {"late_days_at_most": 2}, "0", "unroll: 8 of 10, 3 days late: -8.00; in all 0.00 of 10.00"),
}


@pytest.mark.parametrize(("days", "more", "points", "how"), PENALTIES.values(), ids=PENALTIES)
def test_lateness_costs_a_share_of_the_exercise(days: int, more: dict[str, Any], points: str, how: str) -> None:
    """Each day costs its share of what the exercise is worth, within what the policy allows, and it is said."""
    policy = Policy(due=DUE, late_penalty_per_day=TENTH, **more)
    one = final(Mark(handed_in=DUE + timedelta(days=days)), policy=policy)
    assert (one.points, one.how) == (Fraction(points), how)


def test_a_mark_without_a_time_says_so() -> None:
    """A day that rests on the platform's mark alone is told as such."""
    one = final(Mark(late=True), policy=Policy(late_penalty_per_day=TENTH))
    assert one.how == "unroll: 8 of 10, 1 day late: -1.00 (by the platform's mark); in all 7.00 of 10.00"


def test_the_best_attempt_is_the_best_after_penalties() -> None:
    """A late attempt with more raw points loses to one in time with more final ones; of equals the first counts."""
    policy = Policy(due=DUE, late_penalty_per_day=Fraction(3, 10))
    late = Mark(attempt=2, score=9, handed_in=DUE + timedelta(hours=1))
    assert final(late, Mark(attempt=1), policy=policy).how == "unroll: 8 of 10, attempt 1 of 2; in all 8.00 of 10.00"
    assert final(Mark(attempt=2), Mark(attempt=1)).how.startswith("unroll: 8 of 10, attempt 1 of 2")


def test_the_last_attempt_counts_even_if_it_is_worse() -> None:
    """With attempts = "last" the highest number counts, in each exercise of which there is one."""
    marks = [Mark(attempt=2, score=3), Mark(attempt=1), Mark(attempt=1, exercise="generate", score=10)]
    one = final(*marks, policy=Policy(attempts="last"))
    assert [(each.exercise, each.raw) for each in one.counted] == [("generate", 10), ("unroll", 3)]


def test_who_comes_back_to_an_earlier_attempt_has_that_one() -> None:
    """Of attempts without a time, the one that the latest run met last is the last."""
    marks = [Mark(attempt=1, score=8, last_run=3), Mark(attempt=2, score=4, last_run=2)]
    assert final(*marks, policy=Policy(attempts="last")).points == 8


def test_what_nobody_handed_in_counts_nothing() -> None:
    """An exercise that others were graded in is worth its points to those who have no mark in it."""
    marks = [Mark(student="s1", score=10), Mark(student="s2", exercise="generate", max_score=20)]
    one, two = finals(marks, Policy(), weights={}, pass_mark=0.5, exercises=("unroll", "detach", "generate"))
    assert one.how == "unroll: 10 of 10; generate: 0 of 20, nothing handed in; in all 10.00 of 30.00"
    assert [each.status for each in two.counted] == ["missing", "failed"]
    assert (one.passed, two.student, two.points) == (False, "s2", 8)


def test_the_lowest_are_dropped_by_their_share() -> None:
    """The lowest share goes first, whatever its points; one exercise stays."""
    marks = [Mark(exercise="a", score=9), Mark(exercise="b", score=15, max_score=30), Mark(exercise="c", score=6)]
    one = final(*marks, policy=Policy(drop_lowest=1))
    assert one.how == "a: 9 of 10; b: 15 of 30, dropped; c: 6 of 10; in all 15.00 of 20.00"
    assert [each.dropped for each in final(*marks, policy=Policy(drop_lowest=7)).counted] == [False, True, True]


def test_weights_multiply_points() -> None:
    """An exercise of weight 3 counts as three of its kind; one of weight 0 not at all."""
    marks = [Mark(exercise="a", score=4), Mark(exercise="b", score=10), Mark(exercise="c", score=1)]
    one = final(*marks, weights={"a": Fraction(3), "c": Fraction(0)})
    assert one.how == (
        "a: 4 of 10, counts 3.00 times; b: 10 of 10; c: 1 of 10, counts 0.00 times; in all 22.00 of 40.00"
    )
    assert one.passed
    assert not final(*marks, weights={"a": Fraction(3), "c": Fraction(0)}, pass_mark=0.56).passed


@pytest.mark.parametrize(("mark", "passed"), [(0.8, True), (0.81, False)])
def test_the_pass_mark_is_met_exactly(mark: float, passed: bool) -> None:
    """Eight of ten pass a mark of 0.8; nothing is rounded there."""
    assert final(Mark(), pass_mark=mark).passed is passed


SHOWN = {
    "whole": (8, 10, "8.00"),
    "third": (Fraction(20, 3), 10, "6.67"),
    "nearly full": (Fraction(9999, 1000), 10, "9.99"),
    "full": (10, 10, "10.00"),
    "nearly an odd whole": (Fraction(9999, 1000) / 3, Fraction(10, 3), "3.33"),
    "nothing": (0, 0, "0.00"),
}


@pytest.mark.parametrize(("points", "most", "shown"), SHOWN.values(), ids=SHOWN)
def test_points_are_never_rounded_up_to_full_marks(points: Fraction, most: Fraction, shown: str) -> None:
    """Two digits; what is less than all never looks like all."""
    assert decimal(points, most) == shown


MARKS = st.builds(
    Mark,
    student=st.sampled_from(["s1", "s2", "s3"]),
    exercise=st.sampled_from(["a", "b", "c"]),
    attempt=st.integers(1, 4),
    score=st.integers(0, 10),
    late=st.sampled_from([None, True, False]),
    handed_in=st.sampled_from([None, DUE, DUE + timedelta(days=5)]),
)
POLICIES = st.builds(
    Policy,
    due=st.sampled_from([None, DUE]),
    late_penalty_per_day=st.fractions(0, 1, max_denominator=20),
    late_penalty_at_most=st.fractions(0, 1, max_denominator=20),
    late_days_at_most=st.sampled_from([None, 0, 3]),
    attempts=st.sampled_from(["best", "last"]),
    drop_lowest=st.integers(0, 4),
)


@given(
    st.lists(MARKS, min_size=1, max_size=15, unique_by=lambda mark: (mark.student, mark.exercise, mark.attempt)),
    POLICIES,
    st.randoms(use_true_random=False),
)
def test_finals_keep_their_bounds(marks: list[Mark], policy: Policy, rng: random.Random) -> None:
    """Nobody has less than nothing or more than their raw points; the order of the marks means nothing."""
    weights = {"a": Fraction(2)}
    done = finals(marks, policy, weights=weights, pass_mark=0.5)
    for one in done:
        assert 0 <= one.points <= one.max_points
        assert all(0 <= each.points <= each.raw for each in one.counted)
        assert any(not each.dropped for each in one.counted)
    shuffled = rng.sample(marks, len(marks))
    assert [one.how for one in finals(shuffled, policy, weights=weights, pass_mark=0.5)] == [one.how for one in done]


def test_reads_a_policy() -> None:
    """All entries of [policy] are read, shares as they are written."""
    table = {
        "due": DUE,
        "late_penalty_per_day": 0.1,
        "late_penalty_at_most": 1,
        "late_days_at_most": 7,
        "attempts": "last",
        "drop_lowest": 1,
    }
    assert read_policy(Path("course.toml"), table) == Policy(
        due=DUE,
        late_penalty_per_day=TENTH,
        late_penalty_at_most=Fraction(1),
        late_days_at_most=7,
        attempts="last",
        drop_lowest=1,
    )
    assert read_policy(Path("course.toml"), {}) == Policy()


ZONED = "a date and time with its zone, such as 2026-11-21T23:59:00+01:00"
WRONG = {
    "no table": (3, "policy must be a table, [policy], got 3."),
    "no zone": (
        {"due": datetime(2026, 11, 21)},
        f"due in [policy] must be {ZONED}, got datetime.datetime(2026, 11, 21, 0, 0).",
    ),
    "a text": ({"due": "2026-11-21"}, f"due in [policy] must be {ZONED}, got '2026-11-21'."),
    "a percentage": (
        {"late_penalty_per_day": 10},
        "late_penalty_per_day in [policy] must be a number from 0 to 1, got 10.",
    ),
    "a truth": (
        {"late_penalty_at_most": True},
        "late_penalty_at_most in [policy] must be a number from 0 to 1, got True.",
    ),
    "half a day": (
        {"late_days_at_most": 1.5},
        "late_days_at_most in [policy] must be a whole number, at least 0, got 1.5.",
    ),
    "negative": ({"drop_lowest": -1}, "drop_lowest in [policy] must be a whole number, at least 0, got -1."),
}


@pytest.mark.parametrize(("table", "message"), WRONG.values(), ids=WRONG)
def test_says_what_is_wrong_in_a_policy(table: object, message: str) -> None:
    """An entry of the wrong kind is refused with what was expected."""
    with pytest.raises(UsageError) as caught:
        read_policy(Path("course.toml"), table)
    assert str(caught.value) == f"course.toml: {message}"
