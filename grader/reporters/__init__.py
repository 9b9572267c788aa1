"""Renders a report: one module a format, which reads the report and nothing else; loaded when it is asked for.

Texts of a report are plain already (``report.py``), so nothing in them moves a cursor. What is markup to a format is
for its module to escape: a name, message, path or exception of a student never becomes a tag, a link or a command.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from grader.report import ExerciseResult, PropertyResult, Report, SubmissionResult, best


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A format.

    Attributes:
        module: of this package; its ``render`` takes the report and, by name, what is in ``takes``.
        takes: of what the caller knows beside the report.
        alone: whether it knows one submission only.
        needs: variables of the environment that it can't do without, each with a pattern for its beginning.
    """

    module: str
    takes: tuple[str, ...] = ()
    alone: bool = False
    needs: tuple[tuple[str, str], ...] = ()


FORMATS: Mapping[str, Format] = {
    "terminal": Format(module="terminal", takes=("style",)),
    "json": Format(module="json_report"),
    "junit": Format(module="junit"),
    "markdown": Format(module="markdown", takes=("points",)),
    "github": Format(module="github"),
    "gradescope": Format(module="gradescope", takes=("visibility",), alone=True),
    "classroom50": Format(
        module="classroom50",
        takes=("environ", "now"),
        alone=True,
        needs=(
            ("CLASSROOM", "."),
            ("ASSIGNMENT", "."),
            ("SUBMISSION_TAG", "submit/."),
            ("COMMIT_URL", "."),
            ("RELEASE_URL", "."),
        ),
    ),
    "classroom": Format(module="classroom", alone=True),
}


def render(name: str, report: Report, **given: Any) -> str:
    """The report in a format.

    Args:
        name: of the format.
        report: what is rendered.
        given: what the caller knows beside it: ``style`` (of a terminal), ``points`` (whether they are shown),
            ``visibility`` (of tests), ``environ``, ``now`` (a moment in UTC).
    """
    wanted = FORMATS[name]
    module = import_module(f"grader.reporters.{wanted.module}")
    return str(module.render(report, **{each: given[each] for each in wanted.takes}))


def told(law: PropertyResult) -> str:
    """What there is to say of a law, as plain text: what is wrong, where, and the smallest case as a script."""
    case = law.counterexample
    if case is None:
        return law.message
    found = {"Where": case.where, "Expected": case.expected, "Got": case.got}
    lines = [law.message, "", *(f"{name}: {text}" for name, text in found.items() if text)]
    return "\n".join([*lines, "", "The smallest case, to run:", "", case.script])


def looks_like(exercise: ExerciseResult) -> Iterator[str]:
    """The misconceptions that behave like a submission, in words: title, explanation and hint of each."""
    for each in best(exercise.diagnosis)[:2]:
        yield "\n".join([f"Looks like: {each.title}", each.explanation, f"Hint: {each.hint}"])


TO_READ = "For whoever gives the marks to read: no exercise needs this. It costs no points."


def to_read(part: SubmissionResult | ExerciseResult) -> Iterator[str]:
    """What is for a person to judge, a line each."""
    yield from (f"{each.where}: {each.what} {each.why}" for each in part.remarks)


def scaled(exercise: ExerciseResult) -> str:
    """How points of laws became those of an exercise that is worth others; empty where it is worth as many."""
    earned, full = (sum(getattr(law, name) for law in exercise.properties) for name in ("points", "max_points"))
    if full in (0, exercise.max_score):
        return ""
    return f"The properties give {earned} of {full} points, and the exercise is worth {exercise.max_score}."


def nothing_ran(submission: SubmissionResult) -> str:
    """Why there is no exercise in a result; empty where there is one."""
    return "" if submission.exercises else submission.message or "Nothing of it was graded."
