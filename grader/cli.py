"""The command line. Everything heavy is imported inside the commands, so that ``--help`` answers at once."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import __version__
from grader.ending import Signals
from grader.errors import GraderError
from grader.plaintext import plain_line, plain_text, unheeded
from grader.progress import CohortProgress, Progress
from grader.reporters import FORMATS
from grader.reporters.gradescope import VISIBILITIES

if TYPE_CHECKING:
    from grader.course import Course
    from grader.execution.limits import Limits
    from grader.grading import Grader
    from grader.report import Level, Report
    from grader.reporters.terminal import Style
    from grader.reporting import Target
    from grader.roster import Kind

EXIT_PASSED, EXIT_FELL_SHORT, EXIT_USED_WRONGLY, EXIT_BROKE = range(4)
EXIT_SIGNALLED = 128  # and the number of the signal, as shells have it: 130 after Ctrl-C

_signals = Signals()
KINDS = (
    "folder",
    "gradescope",
    "canvas",
    "moodle",
    "nbgrader",
    "csv",
)  # roster.KINDS, which is not imported for --help
_EPILOG = "Exit codes: 0 all passed, 1 some submission fell short, 2 used wrongly, 3 the grader itself broke."


class _Group(click.Group):
    """Turns errors into one message and the right exit code; no traceback of ours reaches a user."""

    left_behind = ""  # what is told of it to who interrupts

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # here, because click's own main would make it exit code 1, a verdict
            _say_no_more()  # whoever read us has gone
            return EXIT_BROKE

    def main(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["standalone_mode"] = False
        self.left_behind = "nothing was written."
        try:
            with _signals.heard():
                result = super().main(*args, **kwargs)
        except click.exceptions.Exit as error:
            sys.exit(error.exit_code)
        except click.ClickException as error:
            error.show()
            sys.exit(EXIT_USED_WRONGLY)
        except GraderError as error:
            click.echo(f"grader: {unheeded(plain_text(str(error)))}", err=True)
            sys.exit(error.exit_code)
        except (click.Abort, KeyboardInterrupt):
            came = _signals.came or signal.SIGINT
            how = "interrupted" if came is signal.SIGINT else f"ended by {came.name}"
            click.echo(f"grader: {how}; {self.left_behind}", err=True)
            sys.exit(EXIT_SIGNALLED + came)
        except OSError as error:
            if os.environ.get("GRADER_DEBUG"):
                raise
            click.echo(
                f"grader: the system does not give the grader what it needs: {error}\n"
                "Is a disk full, or a limit reached? Set GRADER_DEBUG=1 to see where.",
                err=True,
            )
            sys.exit(EXIT_BROKE)
        except Exception as error:
            if os.environ.get("GRADER_DEBUG"):
                raise
            click.echo(
                f"grader: a fault of the grader itself, not of any submission: {type(error).__name__}: "
                f"{unheeded(plain_text(str(error)))}\nSet GRADER_DEBUG=1 to see where; please report it.",
                err=True,
            )
            sys.exit(EXIT_BROKE)
        sys.exit(result if isinstance(result, int) else EXIT_PASSED)


@click.group(cls=_Group, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="grader")
def main() -> None:
    """Grades exercises about hidden state in recurrent networks of PyTorch.

    A submission is run on cases that Hypothesis draws, in a process of its own, and judged by
    properties: equal to the reference, sequences isolated, memory flat, graph cut. What fails is
    shrunk to the smallest case that shows it.
    """


def _course_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--course",
        "course_dir",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder that holds exercises/ and solutions/. [default: here or the nearest above]",
    )(function)


def _run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option("--seed", type=click.IntRange(min=0), help="Seed for the cases. [default: the course's]"),
        click.option(
            "--max-examples", type=click.IntRange(1, 10_000), help="Cases an exercise. [default: the course's]"
        ),
        click.option("--device", default="auto", metavar="NAME", help="auto, cpu, cuda, mps or xpu. [default: auto]"),
        _course_option,
    ]
    return _with(options, function)


def _output_options(formats: Sequence[str]) -> list[Callable[..., Any]]:
    return [
        click.option(
            "--format",
            "format_",
            type=click.Choice(formats),
            default="terminal",
            show_default=True,
            metavar="FORMAT",
            help=f"For people or for programs: {', '.join(formats)}.",
        ),
        click.option(
            "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write there, not to standard output."
        ),
    ]


def _report_options(function: Callable[..., Any]) -> Callable[..., Any]:
    more = click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="FORMAT=FILE",
        help="One more report, in a file; may be repeated.",
    )
    return _with([*_output_options(list(FORMATS)), more], function)


_LIMITS = {
    "case_seconds": "Seconds for one run.",
    "exercise_seconds": "Seconds for one exercise of a submission: its runs, and those that confirm and shrink.",
    "submission_seconds": "Seconds for all exercises of a submission together.",
    "memory_mb": "MiB that a submission may take.",
    "output_kb": "KiB of what it prints that are kept.",
}


def _limit_options(function: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option(
            f"--{name.replace('_', '-')}",
            metavar=name.rpartition("_")[2].upper(),
            callback=_limit,
            help=f"{text} [default: the course's]",
        )
        for name, text in _LIMITS.items()
    ]
    return _with(options, function)


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


def _limits(course: Course, options: dict[str, Any]) -> Limits:
    """The course's limits, but for those that were given, which are taken out of the options."""
    given = {name: value for name in _LIMITS if (value := options.pop(name)) is not None}
    return replace(course.limits, **given)


def _with(options: list[Callable[..., Any]], function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(options):
        function = option(function)
    return function


@main.command()
@click.argument("submissions", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SUBMISSION...")
@click.option("--exercise", "-e", "exercises", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--allow-weak-isolation", is_flag=True, help="Grade even where nothing protects this machine.")
@_report_options
@_run_options
@_limit_options
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


@main.command()
@click.argument("submission", type=click.Path(path_type=Path))
@click.option("--exercise", "-e", "exercises", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@_report_options
@_run_options
@_limit_options
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
    from grader.apart import READERS

    READERS.prepare()  # it starts while the course is read
    from grader.reporting import targets
    from grader.submission import read_submission

    course = _course(options.pop("course_dir"), exercises)
    wanted = targets(
        options.pop("format_"),
        options.pop("output"),
        options.pop("reports"),
        submissions=len(paths),
        environ=os.environ,
    )
    submissions = [read_submission(path) for path in paths]
    options |= {"with_reference": with_reference, "trusted": trusted, "limits": _limits(course, options)}
    with _progress() as show, _grader(course, options, show) as grader:
        results = []
        for number, submission in enumerate(submissions, start=1):
            show.prefix = f"[{number}/{len(submissions)}] " if len(submissions) > 1 else ""
            results.append(grader.grade_submission(submission, exercises))
        report = grader.report(results)
    for target in wanted:
        _write(_rendered(report, target, points=with_reference), target.file)
    if with_reference and report.environment.isolation.level in ("none", "weak"):  # somebody else's code
        text = "Protection is weak here: a submission could read your files and use the network. See: grader doctor"
        click.echo(text, err=True)
    return EXIT_PASSED if report.all_passed else EXIT_FELL_SHORT


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--gradebook", required=True, type=click.Path(path_type=Path), metavar="FILE", help="SQLite file with all results."
)
@click.option("--exercise", "-e", "exercises", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--kind", type=click.Choice(KINDS), help="As which to read PATH. [default: recognised]")
@click.option("--assignment", metavar="NAME", help="Which one, of nbgrader's tree.")
@click.option("--workers", type=click.IntRange(1, 256), help="Submissions at a time. [default: one a processor]")
@click.option(
    "--executor",
    type=click.Choice(["local", "dask"]),
    default="local",
    show_default=True,
    help="Processes of this machine, or a dask cluster that you have started.",
)
@click.option("--scheduler", metavar="ADDRESS", help="Of the dask cluster, such as tcp://head:8786.")
@click.option("--pool/--no-pool", default=True, show_default=True, help="Try the failing cases of each on all others.")
@click.option("--allow-weak-isolation", is_flag=True, help="Grade even where nothing protects this machine.")
@_run_options
@_limit_options
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
    main.left_behind = plain_line(f"what was graded is in {gradebook}. Go on with the same command.")
    course = _course(options.pop("course_dir"), exercises)
    limits = _limits(course, options)
    how = Options(**options, limits=limits, trusted=allow_weak_isolation, side_by_side=False)
    with _progress() as show, tempfile.TemporaryDirectory(prefix="grader-") as spare, Gradebook(gradebook) as book:
        roster = read_roster(path, Path(spare), kind=kind, assignment=assignment)
        click.echo(f"{path}: {roster.kind}, {len(roster.handed_in)} submissions", err=True)
        for remark in roster.remarks:
            click.echo(plain_line(f"  {remark}"), err=True)
        with Spread(course, how, workers=workers or os.cpu_count() or 1, scheduler=scheduler) as spread:
            watch = CohortProgress(show)
            graded = Cohort(course=course, book=book, spread=spread, watch=watch)
            outcome = graded.grade(roster.handed_in, exercises, pool=pool)
        show("")
        click.echo("\n".join(outcome.lines()))
        click.echo("\n".join(lines(summary := summarise(book.marks(), outcome.exercises))))
    if outcome.faults:
        return EXIT_BROKE
    return EXIT_PASSED if summary.shares[-1] == summary.students else EXIT_FELL_SHORT


@main.command()
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...")
@click.option("--mutants", is_flag=True, help="Make small changes of the reference, and show which get full marks.")
@_run_options
def validate(exercises: tuple[str, ...], mutants: bool, **options: Any) -> int:
    """Check that exercises are sound, for their authors.

    The reference must get full marks, the starter and submissions that do nothing 0 points, and
    every misconception must be caught and named; the same with two seeds. Prints a table; exits
    with 1 where an exercise is not sound.

    With --mutants, each law's power is measured instead: of the many small changes of the
    reference, those that no law notices are shown. Each behaves as the reference (say why in
    solutions/EXERCISE/mutants.toml) or shows a hole in the exercise.
    """
    course = _course(options.pop("course_dir"), exercises)
    names = exercises or course.names
    if mutants:
        return _survey(course, names, options)
    from grader.grading import Options
    from grader.validation import validate_side_by_side

    first = course.seed if options["seed"] is None else options["seed"]
    unsound = 0
    with _progress() as show:
        total = 2 * len(names)
        show(f"0 of {total}")
        side_by_side = validate_side_by_side(course, Options(**options), names, (first, first + 1))
        for done, (seed, checks) in enumerate(side_by_side, start=1):
            show("")
            click.echo(f"{checks[0].exercise}, seed {seed}")
            for one in checks:
                unsound += not one.sound
                sign = click.style("✓", fg="green") if one.sound else click.style("✗", fg="red")
                click.echo(f"  {sign} {one.what:<40} {one.got}", color=_color())
            show(f"{done} of {total}")
    click.echo("All sound." if not unsound else f"{unsound} not as it should be.")
    return EXIT_PASSED if not unsound else EXIT_FELL_SHORT


def _survey(course: Course, names: Sequence[str], options: dict[str, Any]) -> int:
    from grader.mutants import general_operators_are_there
    from grader.survey import survey

    if not general_operators_are_there():
        click.echo("Only changes of this field are made; for general ones: pip install 'grader[mutants]'")
    survivors = 0
    with _progress() as show, _grader(course, options, show) as grader:
        for name in names:
            counts = {"caught": 0, "equal": 0, "survived": 0}
            for one in survey(grader, name):
                counts[one.outcome] += 1
                show(f"{name}: {sum(counts.values())} mutants")
                if one.outcome == "survived":
                    show("")
                    click.echo(f"  {name}, line {one.mutant.line}: {one.mutant.change}; it {one.why}")
                    click.echo(f"    - {one.mutant.before}\n    + {one.mutant.after}")
            show("")
            survivors += counts["survived"]
            total, equal = sum(counts.values()), counts["equal"]
            click.echo(
                f"{name}: {total} mutants, {counts['caught']} caught, {equal} known to be equal, "
                f"{counts['survived']} survived"
            )
    return EXIT_PASSED if not survivors else EXIT_FELL_SHORT


@main.command()
@click.argument("report", type=click.Path(path_type=Path), metavar="REPORT.json")
@_course_option
def replay(report: Path, course_dir: Path | None) -> int:
    """Run the counterexamples of a JSON report again.

    Each is run on the submission as it is now, and printed as a script that needs only torch and
    the submission. Exits with 1 where any still fails.
    """
    from grader.replaying import read_report
    from grader.replaying import replay as run

    data = read_report(report)
    course = _course(course_dir, ())
    still = 0
    options = {"seed": data["seed"], "max_examples": data["max_examples"], "device": "auto"}
    with _progress() as show, _grader(course, options, show) as grader:
        for one in run(grader, data):
            show("")
            still += one.still_fails
            state = click.style("still fails", fg="red") if one.still_fails else click.style("passes now", fg="green")
            where = plain_line(f"{one.path}: {one.exercise}, {one.law}")
            lines = [f"{where}: {state}", "  " + plain_line(one.message), "", plain_text(one.script)]
            click.echo(unheeded("\n".join(lines)), color=_color())
    if not still:
        click.echo("No counterexample fails.")
    return EXIT_FELL_SHORT if still else EXIT_PASSED


@main.command()
@click.argument("gradebook", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "canvas", "moodle", "nbgrader", "gradescope", "json"]),
    default="csv",
    show_default=True,
    help="What is to read it.",
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write there, not to standard output.")
@click.option(
    "--per",
    type=click.Choice(["exercise", "property"]),
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
@_course_option
def export(gradebook: Path, format_: str, output: Path | None, course_dir: Path | None, **options: Any) -> int:
    """Export the marks of a gradebook, for a spreadsheet or a learning platform.

    The course's policy is applied: which attempt counts, what lateness costs, what is dropped and
    how exercises weigh. The gradebook keeps the raw marks.
    """
    from grader.exporting import export
    from grader.reporting import check_file

    if output is not None:
        check_file(output)
    exported = export(gradebook, _course(course_dir, ()), format_=format_, **options)
    _write(exported.text, output)
    for note in exported.notes:
        click.echo(plain_line(note), err=True)
    return EXIT_PASSED


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@_course_option
def release(folder: Path, course_dir: Path | None) -> int:
    """Build what students get, in a new folder DIR.

    Handouts, starters as Python files and as notebooks, and the self-check with all it needs; no
    solution, no misconception.
    """
    from grader.releasing import write_release

    course = _course(course_dir, ())
    files = write_release(course, folder)
    click.echo(f"{folder}: {len(course.names)} exercises, {len(files)} files. Begin with {folder / 'README.md'}")
    return EXIT_PASSED


@main.command()
@click.argument("platform", type=click.Choice(["gradescope"]), metavar="gradescope")
@click.argument("file", type=click.Path(path_type=Path), metavar="OUT.zip")
@click.option("--exercise", "-e", "exercises", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option(
    "--visibility",
    type=click.Choice(VISIBILITIES),
    default="visible",
    show_default=True,
    help="When students see the tests.",
)
@click.option("--torch-index-url", default="", metavar="URL", help="Package index for torch, such as one for CPUs.")
@_course_option
def package(
    platform: str,
    file: Path,
    exercises: tuple[str, ...],
    visibility: str,
    torch_index_url: str,
    course_dir: Path | None,
) -> int:
    """Build an autograder for Gradescope, to be uploaded there.

    It holds the solutions: don't give it to students. Without --exercise all exercises are asked
    for, and one that is not handed in gets 0 points.
    """
    from grader.packaging import write_autograder

    course = _course(course_dir, exercises)
    write_autograder(course, file, exercises=exercises, visibility=visibility, torch_index=torch_index_url)
    names = ", ".join(exercises or course.names)
    click.echo(f"Wrote {file} for {names}. It holds the solutions: give it to no student.")
    return EXIT_PASSED


@main.command()
@click.argument("name")
@click.option("--course", "course_dir", type=click.Path(path_type=Path), metavar="DIR", help="[default: here]")
def new(name: str, course_dir: Path | None) -> int:
    """Begin an exercise of your own, for you to fill in.

    It is sound as it is (`grader validate NAME`). Where DIR holds no course, one is begun.
    """
    from grader.scaffolding import write_exercise

    root = course_dir or Path()
    for path in write_exercise(root, name):
        click.echo(path)
    where = f" --course {course_dir}" if course_dir else ""
    click.echo(f"Change them to what you want to ask, in this order, and see: grader validate {name}{where}")
    return EXIT_PASSED


@main.command()
@click.option("--require", type=click.Choice(["weak", "good", "strong"]), help="Exit with 1 below this level.")
@partial(_with, _output_options(["terminal", "json"]))
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
        text = terminal.render_protection(protection, _style(output))
    _write(text, output)
    enough = require is None or LEVELS.index(protection.level) >= LEVELS.index(require)
    return EXIT_PASSED if enough else EXIT_FELL_SHORT


@main.command("list")
@_course_option
def list_(course_dir: Path | None) -> int:
    """List the exercises of the course."""
    course = _course(course_dir, ())
    click.echo(f"{course.title}\n")
    for name in course.names:
        declared = course.exercise(name).declared
        click.echo(f"  {name:<16} {course.points[name]:>3} points  {declared.level:<13} {declared.title}")
        for signature in declared.entry_points.values():
            click.echo(f"  {'':<16} {signature}")
    click.echo(f"\nPass mark: {course.pass_mark:.0%} of the points.")
    return EXIT_PASSED


@main.command()
@click.argument("exercise")
@click.option("--notebook", is_flag=True, help="Make a notebook of handout and starter.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="[default: EXERCISE.py or .ipynb here]")
@_course_option
def start(exercise: str, notebook: bool, output: Path | None, course_dir: Path | None) -> int:
    """Copy the starter of an exercise, to begin with."""
    from grader.starting import write_starter

    course = _course(course_dir, (exercise,))
    path = write_starter(course, exercise, notebook=notebook, output=output)
    click.echo(f"Wrote {path}. Fill it in, then: grader check {path}")
    click.echo(f"What is asked: {course.root / 'exercises' / exercise / 'README.md'}")
    return EXIT_PASSED


def _course(directory: Path | None, exercises: tuple[str, ...]) -> Course:
    from grader.course import find_course

    course = find_course(directory)
    for name in exercises:
        course.check_name(name)
    return course


@contextmanager
def _grader(course: Course, options: dict[str, Any], show: Progress) -> Iterator[Grader]:
    # The server starts importing torch in a process of its own; what this process needs is imported meanwhile.
    from grader.execution.servers import start_server

    server = None
    try:
        with _signals.held():  # until it is known what there is to end
            server = start_server()
        from grader.grading import Grader, Options

        with Grader(course, Options(**options), server=server, progress=show) as grader:
            yield grader
    finally:
        if server is not None:
            server.close()


@contextmanager
def _progress() -> Iterator[Progress]:
    show = Progress()
    try:
        yield show
    finally:
        show("")


def _rendered(report: Report, target: Target, *, points: bool) -> str:
    from grader.reporters import render
    from grader.reporting import given

    text = render(target.format, report, style=_style(target.file, points=points), points=points, **given(os.environ))
    return unheeded(text) if target.format in ("terminal", "markdown") else text  # in others it is data, or a command


def _style(output: Path | None, *, points: bool = True) -> Style:
    from grader.reporters.terminal import Style

    width = 80 if output is not None or not sys.stdout.isatty() else shutil.get_terminal_size().columns
    return Style(width=width, color=output is None and _color(), points=points)


def _color() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _write(text: str, output: Path | None) -> None:
    """Writes a report whole or not at all."""
    from grader.errors import InternalFault

    try:
        if output is None:
            click.echo(text, nl=False, color=True)
        elif output.exists() and not output.is_file():
            output.write_text(text, encoding="utf-8")  # a device or a pipe, whose place nothing else may take
        else:
            _replace(output.resolve(), text)
    except BrokenPipeError:
        raise
    except OSError as error:
        if output is None:
            _say_no_more()
        raise InternalFault(f"{output or 'The report'} could not be written: {error.strerror}.") from error
    if output is not None:
        click.echo(f"Wrote {output}.", err=True)


def _replace(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        _signals.ignore()
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _say_no_more() -> None:
    """Standard output can't be written to: what is left of it, which Python would write at its end, goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main(prog_name="grader")
