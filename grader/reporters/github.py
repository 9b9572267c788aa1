"""What a step of GitHub Actions prints: annotations on the student's own lines, then one line for each submission.

The log is a channel of commands: a line that begins with ``::``, or holds ``##[``, is one. A text of a submission
stands within a command of ours, escaped, or in a line that begins with words of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from grader.report import ExerciseResult, PropertyResult, Report, SubmissionResult
from grader.reporters import TO_READ, nothing_ran, to_read

_MOST = 10  # annotations of a kind that GitHub shows for one step
_PLACE = re.compile(r"(?:^|[\s(])([\w.-]+\.py), line ([1-9]\d{0,8})\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Annotation:
    file: str
    line: int | None
    title: str
    message: str


def render(report: Report) -> str:
    """Annotations, not more than GitHub shows, and the scores."""
    errors = [each for submission in report.submissions for each in _errors(submission)]
    lines = [_command("error", each) for each in errors[:_MOST]]
    if len(errors) > _MOST:
        more = f"{len(errors) - _MOST + 1} more problems are not shown here: GitHub shows {_MOST} for a step."
        lines[-1] = f"::error title=And more::{_data(more)}"
    warnings = [each for submission in report.submissions for each in _warnings(submission)]
    lines += [_command("warning", each) for each in warnings[:_MOST]]
    notices = [each for submission in report.submissions for each in _notices(submission)]
    lines += [_command("notice", each) for each in notices[:_MOST]]
    for each in report.submissions:
        lines.append(as_log_line(f"{each.score} of {each.max_score} points: {each.path}"))
    return "\n".join(lines) + "\n"


def as_log_line(text: str) -> str:
    """A text on one line in which nothing is a command, for a log; what stands before it must not be empty space."""
    return " ".join(text.split()).replace("::", ": :").replace("##[", "## [")


def _errors(submission: SubmissionResult) -> Iterator[_Annotation]:
    if why := nothing_ran(submission):
        yield _Annotation(file=submission.path, line=None, title="Nothing could be graded", message=why)
    for exercise in submission.exercises:
        yield from _gathered(submission, exercise, ("failed", "error"))


def _warnings(submission: SubmissionResult) -> Iterator[_Annotation]:
    for exercise in submission.exercises:
        yield from _gathered(submission, exercise, ("unstable",))


def _notices(submission: SubmissionResult) -> Iterator[_Annotation]:
    for exercise in submission.exercises[:1]:  # whose file it is as a rule
        for remark, text in zip(submission.remarks, to_read(submission), strict=True):
            file, line = _found(_PLACE.search(remark.where), exercise.path or submission.path, None)
            yield _Annotation(file=file, line=line, title="To be read", message=f"{text} ({TO_READ})")


def _gathered(
    submission: SubmissionResult, exercise: ExerciseResult, statuses: tuple[str, ...]
) -> Iterator[_Annotation]:
    """One annotation for laws of which the same is to be said at the same place."""
    laws: dict[tuple[str, int | None, str], list[str]] = {}
    for law in exercise.properties:
        if law.status in statuses:
            laws.setdefault((*_place(submission, exercise, law), law.message), []).append(law.name)
    for (file, line, message), names in laws.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield _Annotation(file=file, line=line, title=f"{exercise.name}: {names[0]}{more}", message=message)


def _place(submission: SubmissionResult, exercise: ExerciseResult, law: PropertyResult) -> tuple[str, int | None]:
    """The line that raised, where one did and it is in a .py, else where the function is defined."""
    found = _PLACE.search(law.counterexample.where if law.counterexample is not None else exercise.message)
    return _found(found, exercise.path or submission.path, exercise.line)


def _found(found: re.Match[str] | None, path: str, line: int | None) -> tuple[str, int | None]:
    """The file and line of a place that was found in words, else those that are given."""
    if found is None:
        return path, line
    own = PurePath(path)
    folder = own.parent if own.suffix in (".py", ".ipynb") else own  # the submission's, where none defines the function
    return (path if found[1] == own.name else str(folder / found[1])), int(found[2])


def _command(kind: str, each: _Annotation) -> str:
    line = "" if each.line is None else f",line={each.line}"
    return f"::{kind} file={_property(each.file)}{line},title={_property(each.title)}::{_data(each.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
