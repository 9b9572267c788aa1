"""Commands for what a class handed in: ``cohort`` and ``export``."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands.options import (
    OneOf,
    WholeNumber,
    course_in,
    course_option,
    limit_options,
    limits_of,
    run_options,
    shown_progress,
)
from grader.commands.writing import warn_of_weak, write
from grader.ending import EXIT_BROKE, EXIT_FELL_SHORT, EXIT_PASSED, SIGNALS
from grader.plaintext import plain_line
from grader.processors import processors
from grader.progress import CohortProgress

if TYPE_CHECKING:
    from grader.roster import Kind

# roster.KINDS, which is not imported for --help
KINDS = ("folder", "gradescope", "canvas", "moodle", "nbgrader", "csv")
_MOST_REMARKS = 20


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--gradebook", required=True, type=click.Path(path_type=Path), metavar="FILE", help="SQLite file with all results."
)
@click.option("--exercise", "-e", "exercises", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--kind", type=OneOf(KINDS), help="As which to read PATH. [default: recognised]")
@click.option("--assignment", metavar="NAME", help="Which one, of nbgrader's tree.")
@click.option(
    "--workers", type=WholeNumber(1, 256), metavar="N", help="Submissions at a time. [default: one a processor]"
)
@click.option(
    "--executor",
    type=OneOf(["local", "dask"]),
    default="local",
    show_default=True,
    help="Processes of this machine, or a dask cluster that you have started.",
)
@click.option("--scheduler", metavar="ADDRESS", help="Of the dask cluster, such as tcp://head:8786.")
@click.option("--pool/--no-pool", default=True, show_default=True, help="Try the failing cases of each on all others.")
@click.option("--allow-weak-isolation", is_flag=True, help="Grade even where nothing protects this machine.")
@run_options
@limit_options
def cohort(
    path: Path,
    gradebook: Path,
    exercises: tuple[str, ...],
    kind: Kind | None,
    assignment: str | None,
    workers: int | None,
    executor: str,
    scheduler: str | None,
    *,
    pool: bool,
    allow_weak_isolation: bool,
    **options: Any,
) -> int:
    """Grade what many students handed in, into a gradebook.

    PATH is a folder with a file or folder for each student, what Gradescope, Canvas or Moodle let
    you download (a zip, or the folder that it becomes), nbgrader's submitted/ folder, or a CSV file
    with the columns student and path.

    What the gradebook has already is not graded again: break off whenever you like, and start the
    same command again. Without --exercise, every exercise is graded that anybody's submission
    defines something for. See the marks with: grader export
    """
    from grader.cohort import Cohort
    from grader.errors import UsageError
    from grader.gradebook import Gradebook
    from grader.grading import Options
    from grader.roster import read_roster
    from grader.spreading import Spread
    from grader.summary import lines, summarise

    if (executor == "dask") != (scheduler is not None):
        raise UsageError("--executor dask and --scheduler ADDRESS go together: the scheduler is the cluster's.")
    SIGNALS.left_behind = plain_line(f"what was graded is in {gradebook}. Go on with the same command.")
    course = course_in(options.pop("course_dir"), exercises)
    limits = limits_of(course, options)
    how = Options(
        **options,
        limits=limits,
        trusted=allow_weak_isolation,
        side_by_side=False,
        shrink_seconds=limits.exercise_seconds,
    )
    with shown_progress() as show, tempfile.TemporaryDirectory(prefix="grader-") as spare:
        roster = read_roster(path, Path(spare), kind=kind, assignment=assignment)
        click.echo(f"{path}: {roster.kind}, {len(roster.handed_in)} submissions", err=True)
        for remark in roster.remarks[:_MOST_REMARKS]:
            click.echo(plain_line(f"  {remark}"), err=True)
        if len(roster.remarks) > _MOST_REMARKS:
            click.echo(f"  and {len(roster.remarks) - _MOST_REMARKS} more such remarks", err=True)
        with Gradebook(gradebook) as book:
            with Spread(course, how, workers=workers or processors(), scheduler=scheduler) as spread:
                watch = CohortProgress(show)
                graded = Cohort(course=course, book=book, spread=spread, watch=watch)
                outcome = graded.grade(roster.handed_in, exercises, pool=pool)
            show("")
            click.echo("\n".join(outcome.lines()))
            click.echo("\n".join(lines(summary := summarise(book.marks(), outcome.exercises))))
    if not exercises and len(summary.not_run) > summary.marks / 2:
        click.echo("Was not all of this asked for? Say what was: --exercise NAME", err=True)
    warn_of_weak(spread.described["environment"]["isolation"]["level"])
    if outcome.faults or outcome.pool_faults:
        return EXIT_BROKE
    return EXIT_PASSED if summary.shares[-1] == summary.students else EXIT_FELL_SHORT


@click.command()
@click.argument("gradebook", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=OneOf(["csv", "canvas", "moodle", "nbgrader", "gradescope", "json"]),
    default="csv",
    show_default=True,
    help="What is to read it.",
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write there, not to standard output.")
@click.option(
    "--per",
    type=OneOf(["exercise", "property"]),
    default="exercise",
    show_default=True,
    help="Whether properties get columns, too (csv, canvas).",
)
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The gradebook of Canvas or the grading worksheet of Moodle, to fill in.",
)
@click.option("--assignment", default="", metavar="NAME", help="The assignment of Canvas that gets the sum.")
@course_option
def export(gradebook: Path, format_: str, output: Path | None, course_dir: Path | None, **options: Any) -> int:
    """Export the marks of a gradebook, for a spreadsheet or a learning platform.

    The course's policy is applied: which attempt counts, what lateness costs, what is dropped and
    how exercises weigh. The gradebook keeps the raw marks.
    """
    from grader.errors import UsageError
    from grader.exporting import export
    from grader.reporting import check_file

    if output is not None:
        check_file(output)
        for name, file in (("gradebook", gradebook), ("--roster", options["roster"])):
            if file is not None and output.resolve() == file.resolve():
                raise UsageError(f"--output {output} is the {name} itself, which would be lost; choose another file.")
    course = course_in(course_dir, ())
    if course_dir is None and course.root not in (here := Path.cwd(), *here.parents):
        click.echo(f"The policy is that of the course in {plain_line(str(course.root))}; see --course.", err=True)
    exported = export(gradebook, course, format_=format_, **options)
    write(exported.text, output)
    for note in exported.notes:
        click.echo(plain_line(note), err=True)
    return EXIT_PASSED
