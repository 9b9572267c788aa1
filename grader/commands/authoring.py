"""Commands for authors of exercises: ``validate``, ``new``, ``release``, ``package``."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands.options import OneOf, course_in, course_option, grader_for, run_options, shown_progress
from grader.commands.writing import color
from grader.ending import EXIT_FELL_SHORT, EXIT_PASSED
from grader.reporters.gradescope import VISIBILITIES

if TYPE_CHECKING:
    from grader.course import Course


@click.command()
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...")
@click.option("--mutants", is_flag=True, help="Make small changes of the reference, and show which get full marks.")
@run_options
def validate(exercises: tuple[str, ...], mutants: bool, **options: Any) -> int:
    """Check that exercises are sound, for their authors.

    The reference must get full marks, the starter and submissions that do nothing 0 points, and
    every misconception must be caught and named; the same with two seeds. Prints a table; exits
    with 1 where an exercise is not sound.

    With --mutants, each law's power is measured instead: of the many small changes of the
    reference, those that no law notices are shown. Each behaves as the reference (say why in
    solutions/EXERCISE/mutants.toml) or shows a hole in the exercise.
    """
    course = course_in(options.pop("course_dir"), exercises)
    names = exercises or course.names
    for name in names:  # before anything is run
        course.check_files(name)
        course.exercise(name)
    if mutants:
        return _survey(course, names, options)
    from grader.grading import Options
    from grader.validation import validate_side_by_side

    first = course.seed if options["seed"] is None else options["seed"]
    unsound = 0
    with shown_progress() as show:
        total = 2 * len(names)
        show(f"0 of {total}")
        side_by_side = validate_side_by_side(course, Options(**options), names, (first, first + 1))
        for done, (seed, checks) in enumerate(side_by_side, start=1):
            show("")
            click.echo(f"{checks[0].exercise}, seed {seed}")
            for one in checks:
                unsound += not one.sound
                sign = click.style("✓", fg="green") if one.sound else click.style("✗", fg="red")
                note = f"; {one.note}" if one.note else ""
                click.echo(f"  {sign} {one.what:<40} {one.got}{note}", color=color())
            show(f"{done} of {total}")
    click.echo("All sound." if not unsound else f"{unsound} not as it should be.")
    return EXIT_PASSED if not unsound else EXIT_FELL_SHORT


def _survey(course: Course, names: Sequence[str], options: dict[str, Any]) -> int:
    from grader.mutants import general_operators_are_there
    from grader.survey import survey

    if not general_operators_are_there():
        click.echo("Only changes of this field are made; for general ones: pip install 'grader[mutants]'")
    survivors = 0
    with shown_progress() as show, grader_for(course, options, show) as grader:
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


@click.command()
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
    where = f" --course {shlex.quote(str(course_dir))}" if course_dir else ""
    click.echo(f"Change them to what you want to ask, in this order, and see: grader validate {name}{where}")
    return EXIT_PASSED


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@course_option
def release(folder: Path, course_dir: Path | None) -> int:
    """Build what students get, in a new folder DIR.

    Handouts, starters as Python files and as notebooks, and the self-check with all it needs; no
    solution, no misconception.
    """
    from grader.releasing import write_release

    course = course_in(course_dir, ())
    files = write_release(course, folder)
    click.echo(f"{folder}: {len(course.names)} exercises, {len(files)} files. Begin with {folder / 'README.md'}")
    return EXIT_PASSED


@click.command()
@click.argument("platform", type=OneOf(["gradescope"]), metavar="gradescope")
@click.argument("file", type=click.Path(path_type=Path), metavar="OUT.zip")
@click.option("--exercise", "-e", "exercises", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option(
    "--visibility",
    type=OneOf(VISIBILITIES),
    default="visible",
    show_default=True,
    help="When students see the tests.",
)
@click.option("--torch-index-url", default="", metavar="URL", help="Package index for torch, such as one for CPUs.")
@course_option
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

    course = course_in(course_dir, exercises)
    write_autograder(course, file, exercises=exercises, visibility=visibility, torch_index=torch_index_url)
    names = ", ".join(exercises or course.names)
    click.echo(f"Wrote {file} for {names}. It holds the solutions: give it to no student.")
    return EXIT_PASSED
