"""The time that an exercise and a submission have."""

from __future__ import annotations

from grader.execution.budget import Budget, limit_in_words


def test_what_one_spends_is_gone_for_the_others_of_the_whole() -> None:
    """Exercises share the time of their submission; each has its own besides."""
    whole = Budget(limit="submission_seconds", seconds=10)
    first, second = Budget(seconds=8, whole=whole), Budget(seconds=8, whole=whole)
    assert not first.begun
    first.spend(6)
    assert (first.left, second.left, whole.left) == (2, 4, 4)
    assert (first.begun, second.begun) == (True, False)


def test_it_says_which_of_them_is_used_up() -> None:
    """The limit that was reached is named with its value and where to change it: the whole one before its part."""
    whole = Budget(limit="submission_seconds", seconds=10)
    first, second = Budget(seconds=8, whole=whole), Budget(seconds=8, whole=whole)
    first.spend(8)
    exercise = "the limit is 8 s, by exercise_seconds in course.toml or --exercise-seconds"
    assert first.used_up() == f"the time for this exercise was used up; {exercise}"
    second.spend(2)
    submission = "the limit is 10 s, by submission_seconds in course.toml or --submission-seconds"
    assert first.used_up() == second.used_up() == f"the time for this submission was used up; {submission}"


def test_a_limit_that_no_option_changes() -> None:
    """An import's limit stands in the course only."""
    assert limit_in_words("import_seconds", 0.5) == "the limit is 0.5 s, by import_seconds in course.toml"
