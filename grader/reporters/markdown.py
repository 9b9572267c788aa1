"""The report as Markdown, for the summary of a pipeline or a comment.

Every text of the report stands in code: there nothing is a tag, a link, an image, a mention or a heading. What closes
code is a run of backticks, so each run that opens it is longer than any within.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.report import ExerciseResult, PropertyResult, Report, SubmissionResult
from grader.reporters import TO_READ, looks_like, nothing_ran, scaled, to_read

_SIGNS = {"passed": "✅", "failed": "❌", "error": "❗", "missing": "❗", "unstable": "⚠️", "skipped": "➖"}
_MOST_BYTES = 1_000_000  # GitHub takes a summary of 1 MiB
_MOST_LINES = 60  # of a script


def render(report: Report, *, points: bool = True) -> str:
    """The whole report; what would be too long for a summary is left out, and that is said.

    Args:
        report: what is rendered.
        points: whether points are shown (not in a self-check).
    """
    parts = ["\n".join(_scores(report, points=points))]
    parts += ["\n".join(_submission(each, points=points)) for each in report.submissions]
    shown: list[str] = []
    room = _MOST_BYTES
    for part in parts:
        room -= len(part.encode()) + 1
        if room < 0:
            shown.append("The rest is too long to be shown here; it is in the JSON report.")
            break
        shown.append(part)
    return "\n".join(shown) + "\n"


def _scores(report: Report, *, points: bool) -> Iterator[str]:
    yield "## Result\n"
    for each in report.submissions:
        yield f"- {_SIGNS[each.status]} {_code(each.path)}" + _of(each.score, each.max_score, points=points)
    yield ""


def _submission(submission: SubmissionResult, *, points: bool) -> Iterator[str]:
    yield f"### {_code(submission.path)}\n"
    if why := nothing_ran(submission):
        yield from _block(why)
    for exercise in submission.exercises:
        yield from _exercise(exercise, points=points)
    if points and submission.remarks:
        yield f"{TO_READ}\n"
        yield from _block("\n".join(to_read(submission)))


def _exercise(exercise: ExerciseResult, *, points: bool) -> Iterator[str]:
    score = _of(exercise.score, exercise.max_score, points=points)
    yield f"#### {_SIGNS[exercise.status]} {_code(exercise.name)}{score}\n"
    if points and (how := scaled(exercise)):
        yield f"{how}\n"
    if exercise.message:
        yield from _block(exercise.message)
    told = {exercise.message, ""}
    for law in exercise.properties:
        yield f"- {_SIGNS[law.status]} {_code(law.name)}" + _of(law.points, law.max_points, points=points)
        if law.message not in told:
            yield from ("  " + line if line else "" for line in _block(law.message))
        told.add(law.message)
    yield ""
    for text in looks_like(exercise):
        yield from _block(text)
    shown = next((law for law in exercise.properties if law.counterexample is not None), None)
    if shown is not None:
        yield from _script(shown)
    if exercise.printed and exercise.status != "passed":
        yield "What it printed, to begin with:\n"
        yield from _block("\n".join(exercise.printed.splitlines()[:5]))


def _script(law: PropertyResult) -> Iterator[str]:
    assert law.counterexample is not None
    lines = law.counterexample.script.splitlines()
    if (before := len(lines) - _MOST_LINES) > 0:  # the calls come last, and what is wrong
        lines = [f"# … {before} lines before these are in the JSON report", *lines[-_MOST_LINES:]]
    yield f"<details><summary>The smallest case, to run</summary>\n\nfor {_code(law.name)}\n"
    yield from _block("\n".join(lines), "python")
    yield "</details>\n"


def _of(score: int, most: int, *, points: bool) -> str:
    return f": {score} of {most}" if points else ""


def _code(text: str) -> str:
    """A text of one line as code in a line."""
    fence = "`" * (_longest_run(text) + 1)
    return f"{fence} {text} {fence}"  # one space on each side is no part of it


def _block(text: str, language: str = "text") -> Iterator[str]:
    """A text of any lines as a block of code."""
    fence = "`" * max(3, _longest_run(text) + 1)
    yield f"{fence}{language}"
    yield from text.split("\n")
    yield f"{fence}\n"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
