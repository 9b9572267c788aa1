"""The report as text for a terminal: marks first, then for each law that broke what, where, and the smallest case."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

import click

from grader.report import (
    Counterexample,
    Diagnosis,
    ExerciseResult,
    PropertyResult,
    Protection,
    Report,
    SubmissionResult,
    best,
)
from grader.reporters import TO_READ, scaled, to_read

_SIGNS = {
    "passed": ("✓", "green"),
    "failed": ("✗", "red"),
    "error": ("!", "red"),
    "missing": ("!", "red"),
    "unstable": ("~", "yellow"),
    "skipped": ("-", "bright_black"),
}
_MIN_WIDTH, _MAX_WIDTH = 40, 100
_MOST_PRINTED = 8  # rows
_LONG_SCRIPT = 150  # lines: nearly all have room in, those of notebooks too; the whole is in the JSON report


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """How to render: width in columns, whether to colour, and whether points are shown (not in a self-check)."""

    width: int = 80
    color: bool = False
    points: bool = True

    @property
    def columns(self) -> int:
        """The width within sensible bounds."""
        return max(_MIN_WIDTH, min(self.width, _MAX_WIDTH))

    def paint(self, text: str, color: str | None = None, *, bold: bool = False) -> str:
        """Coloured text where colour is wanted."""
        return click.style(text, fg=color, bold=bold) if self.color else text


def render(report: Report, style: Style) -> str:
    """The whole report."""
    lines: list[str] = []
    for submission in report.submissions:
        lines += [*_submission(submission, style), ""]
    if len(report.submissions) > 1:
        lines += list(_summary(report, style))
    elif style.points:
        lines.append(style.paint(f"Total: {report.score} of {report.max_score} points", bold=True))
    return "\n".join(lines) + "\n"


def render_protection(protection: Protection, style: Style) -> str:
    """What a machine is protected from: the level, what was tried, and what would help."""
    lines = [style.paint(f"Protection from submissions: {protection.level}", bold=True)]
    lines += [f"By: {', '.join(protection.means) or 'nothing'}", "", "A submission that tries to"]
    width = max(len(each.what) for each in protection.attempts)
    for each in protection.attempts:
        sign, color = _SIGNS["passed" if each.blocked else "failed"]
        said = f"can't ({', '.join(each.by) or 'the system'})" if each.blocked else f"can (not with {each.needed_for})"
        lines.append(f"  {style.paint(sign, color)} {each.what:<{width}}  {said}")
    improve = list(dict.fromkeys(each.improve for each in protection.attempts if not each.blocked))
    if improve:
        lines += ["", "To protect this machine better:"]
        for text in improve:
            lines += _wrapped(f"- {text}", style, indent="  ")
    return "\n".join(lines) + "\n"


def _submission(submission: SubmissionResult, style: Style) -> Iterator[str]:
    yield style.paint(submission.path, bold=True)
    if submission.message:
        yield from _wrapped(submission.message, style, indent="  ")
    for exercise in submission.exercises:
        yield ""
        yield from _exercise(exercise, style)
    if style.points and submission.remarks:
        yield ""
        yield from _wrapped(TO_READ, style, indent="  ")
        for line in to_read(submission):
            yield from _wrapped(line, style, indent="    ", hanging="      ")


def _exercise(exercise: ExerciseResult, style: Style) -> Iterator[str]:
    sign, color = _SIGNS[exercise.status]
    score = f"  {exercise.score} of {exercise.max_score} points" if style.points else ""
    yield style.paint(f"{sign} {exercise.name}", color, bold=True) + score
    if style.points and (how := scaled(exercise)):
        yield from _wrapped(how, style, indent="    ")
    if exercise.message:
        yield from _wrapped(exercise.message, style, indent="    ")
    told: dict[str, str] = {}
    for law in exercise.properties if exercise.status not in ("error", "missing") or not exercise.message else ():
        yield from _property(law, style, told)
    for diagnosis in best(exercise.diagnosis)[:2]:
        yield ""
        yield from _diagnosis(diagnosis, style)
    shown = next((law for law in exercise.properties if law.counterexample is not None), None)
    if shown is not None and shown.counterexample is not None:
        yield ""
        for line in _wrapped(f"The smallest case for “{shown.name}”, to run:", style, indent="    "):
            yield style.paint(line, bold=True)
        yield ""
        yield from _script(shown.counterexample, style)
    if exercise.printed and exercise.status != "passed":
        yield ""
        yield "    What it printed, to begin with:"
        yield from (f"    | {row}".rstrip() for row in _rows(exercise.printed, style.columns - 8)[:_MOST_PRINTED])


def _property(law: PropertyResult, style: Style, told: dict[str, str]) -> Iterator[str]:
    """One law's line, and its message or remark below; where another law has told it, only the name of that one."""
    sign, color = _SIGNS[law.status]
    points = f"{law.points}/{law.max_points}" if style.points else ""
    first, *more = _wrapped(law.name, style, indent="      ", hanging="      ")
    yield style.paint(f"    {sign}", color) + first[5:] + ("" if more else _dotted(first, points, style))
    for line in more:
        yield line + (_dotted(line, points, style) if line is more[-1] else "")
    if law.message:
        message = f"(as under “{told[law.message]}”)" if law.message in told else law.message
        yield from _wrapped(message, style, indent="        ")
        told.setdefault(law.message, law.name)


def _dotted(line: str, points: str, style: Style) -> str:
    """Dots that lead from the end of a line to the points at the edge; what doesn't fit is left out."""
    room = style.columns - len(line) - len(points) - 2
    if not points or room < 0:
        return ""
    return style.paint(f" {'.' * room} {points}" if room else f" {points}", "bright_black")


def _diagnosis(diagnosis: Diagnosis, style: Style) -> Iterator[str]:
    for line in _wrapped(f"Looks like: {diagnosis.title}", style, indent="    "):
        yield style.paint(line, "cyan", bold=True)
    yield from _wrapped(diagnosis.explanation, style, indent="    ")
    yield from _wrapped(f"Hint: {diagnosis.hint}", style, indent="    ")


def _script(counterexample: Counterexample, style: Style) -> Iterator[str]:
    lines = counterexample.script.splitlines()
    if (before := len(lines) - _LONG_SCRIPT) > 0:  # the calls come last, and what is wrong
        yield f"    … {before} lines before these: see the JSON report, or use grader replay."
    for line in lines[-_LONG_SCRIPT:]:
        yield style.paint(f"    {line.expandtabs(4)}".rstrip(), "bright_black" if line.startswith("#") else None)


def _summary(report: Report, style: Style) -> Iterator[str]:
    yield style.paint("Summary", bold=True)
    for submission in report.submissions:
        sign, color = _SIGNS[submission.status]
        score = f"{submission.score:>4} of {submission.max_score:<4}"
        yield style.paint(f"  {sign}", color) + f" {score} {submission.path}"


def _rows(text: str, width: int) -> list[str]:
    """Text as it was printed, in rows that are not longer than asked for."""
    lines = [line.expandtabs(4) for line in text.splitlines()]
    return [line[start : start + width] for line in lines for start in range(0, max(len(line), 1), width)]


def _wrapped(text: str, style: Style, *, indent: str, hanging: str | None = None) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        style.columns,
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_on_hyphens=False,
    )
