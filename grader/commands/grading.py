"""Commands that grade: ``grade``, ``check``, ``replay``, and ``doctor``, which says how safe that is."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands.options import (
    OneOf,
    course_in,
    course_option,
    grader_for,
    limit_options,
    limits_of,
    output_options,
    report_options,
    run_options,
    shown_progress,
    with_options,
)
from grader.commands.writing import color, rendered, style, warn_of_weak, write
from grader.ending import EXIT_FELL_SHORT, EXIT_PASSED
from grader.plaintext import plain_line, plain_text, unheeded

if TYPE_CHECKING:
    from grader.report import Level


@click.command()
@click.argument("submissions", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SUBMISSION...")
@click.option("--exercise", "-e", "exercises", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--allow-weak-isolation", is_flag=True, help="Grade even where nothing protects this machine.")
@report_options
@run_options
@limit_options
def grade(
    submissions: tuple[Path, ...],
    exercises: tuple[str, ...],
    *,
    allow_weak_isolation: bool,
    **options: Any,
) -> int:
    """Grade submissions: .py files, notebooks, folders of them, or archives of such folders.

    Without --exercise, every exercise is graded whose function or class the submission defines.

    Submissions are programs: what they are kept from here is tried out first (see grader doctor).
    """
    return _grade(submissions, exercises, options, with_reference=True, trusted=allow_weak_isolation)


@click.command()
@click.argument("submission", type=click.Path(path_type=Path))
@click.option("--exercise", "-e", "exercises", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@report_options
@run_options
@limit_options
def check(submission: Path, exercises: tuple[str, ...], **options: Any) -> int:
    """Check your own submission, without any solution.

    Runs what needs no reference: isolation, memory, detachment, devices, arguments left alone, and
    so on; says what was not checked. Passing it does not mean full marks.
    """
    return _grade((submission,), exercises, options, with_reference=False)


def _grade(
    paths: tuple[Path, ...],
    exercises: tuple[str, ...],
    options: dict[str, Any],
    *,
    with_reference: bool,
    trusted: bool = True,
) -> int:
    from grader.intake.apart import READERS

    READERS.prepare()  # it starts while the course is read
    from grader.reporters import FORMATS
    from grader.reporting import targets
    from grader.submission import read_one_of, read_submission

    course = course_in(options.pop("course_dir"), exercises)
    wanted = targets(
        options.pop("format_"),
        options.pop("output"),
        options.pop("reports"),
        submissions=paths,
        environ=os.environ,
    )
    for_platform = any(FORMATS[target.format].alone for target in wanted)  # which shows the student what was written
    read = read_one_of if len(paths) > 1 or for_platform else read_submission
    submissions = [read(path) for path in paths]
    options |= {"with_reference": with_reference, "trusted": trusted, "limits": limits_of(course, options)}
    with shown_progress() as show, grader_for(course, options, show) as grader:
        results = []
        for number, submission in enumerate(submissions, start=1):
            show.prefix = f"[{number}/{len(submissions)}] " if len(submissions) > 1 else ""
            results.append(grader.grade_submission(submission, exercises))
        report = grader.report(results)
    for target in wanted:
        write(rendered(report, target, points=with_reference), target.file)
    if with_reference:  # somebody else's code
        warn_of_weak(report.environment.isolation.level)
    return EXIT_PASSED if report.all_passed else EXIT_FELL_SHORT


@click.command()
@click.argument("report", type=click.Path(path_type=Path), metavar="REPORT.json")
@course_option
def replay(report: Path, course_dir: Path | None) -> int:
    """Run the counterexamples of a JSON report again.

    Each is run on the submission as it is now, and printed as a script that needs only torch and
    the submission; a script that several laws share is printed once. Exits with 1 where any still
    fails.
    """
    from grader.replaying import read_report
    from grader.replaying import replay as run

    data = read_report(report)
    course = course_in(course_dir, ())
    count = still = 0
    shown: dict[tuple[str, ...], str] = {}  # the laws whose scripts stand above already, by what these run
    options = {"seed": data["seed"], "max_examples": data["max_examples"], "device": "auto"}
    if not course.has_solutions:  # a student's, whose report is a self-check's
        options |= {"with_reference": False, "trusted": True}
    with shown_progress() as show, grader_for(course, options, show) as grader:
        for one in run(grader, data):
            show("")
            count += 1
            still += one.still_fails
            state = click.style("still fails", fg="red") if one.still_fails else click.style("passes now", fg="green")
            where = plain_line(f"{one.path}: {one.exercise}, {one.law}")
            code = tuple(line for line in one.script.splitlines() if not line.startswith("#"))
            script = f"  By the script of “{shown[code]}”.\n" if code in shown else f"\n{plain_text(one.script)}"
            shown.setdefault(code, plain_line(one.law))
            click.echo(unheeded(f"{where}: {state}\n  {plain_line(one.message)}\n{script}"), color=color())
    click.echo(f"{still} of {count} counterexamples still fail." if still else "No counterexample fails.")
    return EXIT_FELL_SHORT if still else EXIT_PASSED


@click.command()
@click.option("--require", type=OneOf(["weak", "good", "strong"]), help="Exit with 1 below this level.")
@partial(with_options, output_options(["terminal", "json"]))
def doctor(require: Level | None, format_: str, output: Path | None) -> int:
    """Try out what submissions are kept from on this machine.

    A worker tries what a hostile submission would: to read your files, to reach the network, to
    start processes. Levels: none; weak (a process of its own with limits); good (nothing is read,
    no network, limits); strong (also out of sight of other processes, and memory bounded for all
    it starts).
    """
    from grader.execution.limits import Limits
    from grader.execution.servers import start_server
    from grader.protection import probe
    from grader.report import LEVELS
    from grader.reporters import json_report, terminal
    from grader.reporting import check_file

    if output is not None:
        check_file(output)
    server = start_server()
    try:
        protection = probe(server, Limits())
    finally:
        server.close()
    if format_ == "json":
        text = json_report.render_protection(protection)
    else:
        text = terminal.render_protection(protection, style(output))
    write(text, output)
    enough = require is None or LEVELS.index(protection.level) >= LEVELS.index(require)
    return EXIT_PASSED if enough else EXIT_FELL_SHORT
