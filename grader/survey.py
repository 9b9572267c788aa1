"""Which mutants of a reference solution get full marks all the same: the power of an exercise's laws, measured.

A mutant that survives either behaves as the reference does, which its author may write down with the reason in
``solutions/NAME/mutants.toml``, or it shows a hole in the exercise.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader.errors import SubmissionProblem, UsageError
from grader.execution.bundles import Bundle
from grader.grading import Grader
from grader.mutants import Mutant, mutants
from grader.workbench import Workbench, check_loaded

_CASE_SECONDS = 3.0  # a mutant may loop for ever


@dataclass(frozen=True, kw_only=True, slots=True)
class Surveyed:
    """What became of one mutant.

    Attributes:
        exercise: its name.
        mutant: the change.
        outcome: ``caught`` by a law, ``equal`` by what its author wrote down, or ``survived``.
        why: the law, the author's reason, or in how many runs it differs from the reference.
    """

    exercise: str
    mutant: Mutant
    outcome: Literal["caught", "equal", "survived"]
    why: str


def survey(grader: Grader, name: str) -> Iterator[Surveyed]:
    """Runs every mutant of an exercise's reference until a law fails.

    Raises:
        UsageError: ``mutants.toml`` is not what it should be.
    """
    exercise = grader.exercise(name)
    bench = grader.workbench(name)
    known = _known_to_be_equal(grader.course.root / "solutions" / name / "mutants.toml")
    count = len(_compared(bench))
    assert exercise.solution is not None
    for mutant in mutants(exercise.solution):
        reason = known.get((mutant.before, mutant.after))
        if reason is not None:
            yield Surveyed(exercise=name, mutant=mutant, outcome="equal", why=reason)
            continue
        law, differs = first_law_broken(grader, bench, Bundle.of_one_file("solution.py", mutant.source))
        alike = f"sends the reference's bytes in all {count} runs"
        differs_in = f"differs from the reference in {differs} of {count} runs"
        yield Surveyed(
            exercise=name,
            mutant=mutant,
            outcome="caught" if law else "survived",
            why=law or (differs_in if differs else alike),
        )


def first_law_broken(grader: Grader, bench: Workbench, bundle: Bundle) -> tuple[str, int]:
    """The law that notices a piece of code first, or an empty text; in how many runs it differs from the reference."""
    judge, runs, differs = bench.judge(), bench.plan.runs, 0
    compared = _compared(bench)
    assert bench.reference is not None
    with grader.session(bench.exercise, bundle, case_seconds=_CASE_SECONDS) as session:
        try:
            check_loaded(session.load())
        except SubmissionProblem:
            return "it can't be imported", 0
        for key, trace in zip(runs, session.run(list(runs.values()), bench.read), strict=True):
            judged = len(judge.verdicts)
            judge.add(key, trace)
            differs += key in compared and not bench.reference.is_own(key, trace)
            for verdict in judge.verdicts[judged:]:
                if verdict.finding is not None:
                    return verdict.task.law.name, differs
    return "" if judge.shows_effort() else "nothing comes out right", differs


def _compared(bench: Workbench) -> set[str]:
    """Runs that the reference makes too and that come out the same each time: where memory is measured, none does."""
    return {key for key in bench.plan.reference_runs if "measure" not in bench.plan.runs[key].options}


def _known_to_be_equal(path: Path) -> dict[tuple[str, str], str]:
    """Mutants that behave as the reference does, with the reason, by the changed lines before and after."""
    if not path.is_file():
        return {}
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["equal"]
        return {(entry["before"], entry["after"]): entry["why"] for entry in entries}
    except (OSError, ValueError, KeyError, TypeError) as error:
        expected = '[[equal]] tables, each with "before", "after" and "why"'
        raise UsageError(f"{path}: expected {expected}; got {error!r}.") from error
