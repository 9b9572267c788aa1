"""Options that several commands have, and what commands make of them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.ending import SIGNALS
from grader.plaintext import plain_line
from grader.progress import Progress
from grader.reporters import FORMATS

if TYPE_CHECKING:
    from grader.course import Course
    from grader.execution.limits import Limits
    from grader.grading import Grader

_LIMITS = {
    "case_seconds": "Seconds for one run.",
    "exercise_seconds": "Seconds for one exercise of a submission: its runs, and those that confirm and shrink.",
    "submission_seconds": "Seconds for all exercises of a submission together.",
    "memory_mb": "MiB that a submission may take.",
    "output_kb": "KiB of what it prints that are kept.",
}


class OneOf(click.Choice[str]):
    """A choice that says what is near to something mistyped."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The value; raises ``click.BadParameter`` where it is none of the choices."""
        if value in self.choices:
            return value
        near = difflib.get_close_matches(value, self.choices, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        word = "none of" if len(self.choices) > 1 else "not"
        raise click.BadParameter(f"{plain_line(value, 40)} is {word} {', '.join(self.choices)}.{hint}", ctx, param)


class WholeNumber(click.IntRange):
    """A whole number within bounds."""

    name = "whole number"


def course_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--course``."""
    return click.option(
        "--course",
        "course_dir",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder that holds exercises/ and solutions/. [default: here or the nearest above]",
    )(function)


def run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Options on how cases are drawn and run."""
    options = [
        click.option(
            "--seed", type=WholeNumber(min=0), metavar="N", help="Seed for the cases. [default: the course's]"
        ),
        click.option(
            "--max-examples",
            type=WholeNumber(1, 10_000),
            metavar="N",
            help="Cases an exercise. [default: the course's]",
        ),
        click.option("--device", default="auto", metavar="NAME", help="auto, cpu, cuda, mps or xpu. [default: auto]"),
        course_option,
    ]
    return with_options(options, function)


def output_options(formats: Sequence[str]) -> list[Callable[..., Any]]:
    """Options on the one report that a command always gives; ``formats`` are those that it may have."""
    return [
        click.option(
            "--format",
            "format_",
            type=OneOf(formats),
            default="terminal",
            show_default=True,
            metavar="FORMAT",
            help=f"For people or for programs: {', '.join(formats)}.",
        ),
        click.option(
            "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write there, not to standard output."
        ),
    ]


def report_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--format``, ``--output`` and ``--report``."""
    more = click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="FORMAT=FILE",
        help="One more report, in a file; may be repeated.",
    )
    return with_options([*output_options(list(FORMATS)), more], function)


def limit_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each limit of submissions."""
    options = [
        click.option(
            f"--{name.replace('_', '-')}",
            metavar=name.rpartition("_")[2].upper(),
            callback=_limit,
            help=f"{text} [default: the course's]",
        )
        for name, text in _LIMITS.items()
    ]
    return with_options(options, function)


def _limit(ctx: click.Context, param: click.Parameter, text: str | None) -> float | None:
    """The value of a limit that was given as text, where one was."""
    from grader.execution.limits import Limits

    if text is None:
        return None
    for number in (int, float):
        with suppress(ValueError):
            if Limits.allows(str(param.name), value := number(text)):
                return value
    raise click.BadParameter(f"expected {Limits.expected(str(param.name))}, got {plain_line(text, 40)}.", ctx, param)


def limits_of(course: Course, options: dict[str, Any]) -> Limits:
    """The course's limits, but for those that were given, which are taken out of the options."""
    given = {name: value for name in _LIMITS if (value := options.pop(name)) is not None}
    return replace(course.limits, **given)


def with_options(options: list[Callable[..., Any]], function: Callable[..., Any]) -> Callable[..., Any]:
    """A command with these options, in their order."""
    for option in reversed(options):
        function = option(function)
    return function


def course_in(directory: Path | None, exercises: tuple[str, ...]) -> Course:
    """The course in a folder; raises ``UsageError`` where it lacks one of the exercises."""
    from grader.course import find_course

    course = find_course(directory)
    for name in exercises:
        course.check_name(name)
    return course


@contextmanager
def grader_for(course: Course, options: dict[str, Any], show: Progress) -> Iterator[Grader]:
    """A grader, with a server that is ended with it."""
    # The server starts importing torch in a process of its own; what this process needs is imported meanwhile.
    from grader.execution.servers import start_server

    server = None
    try:
        with SIGNALS.held():  # until it is known what there is to end
            server = start_server()
        from grader.grading import Grader, Options

        with Grader(course, Options(**options), server=server, progress=show) as grader:
            yield grader
    finally:
        if server is not None:
            server.close()


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """A line that says what is being done, and is gone in the end."""
    show = Progress()
    try:
        yield show
    finally:
        show("")
