"""Commands to begin with: ``list`` and ``start``."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from grader.commands.options import course_in, course_option
from grader.ending import EXIT_PASSED


@click.command("list")
@course_option
def list_(course_dir: Path | None) -> int:
    """List the exercises of the course."""
    course = course_in(course_dir, ())
    click.echo(f"{course.title}\n")
    for name in course.names:
        declared = course.exercise(name).declared
        click.echo(f"  {name:<16} {course.points[name]:>3} points  {declared.level:<13} {declared.title}")
        for signature in declared.entry_points.values():
            click.echo(f"  {'':<16} {signature}")
    click.echo(f"\nPass mark: {course.pass_mark:.0%} of the points.")
    return EXIT_PASSED


@click.command()
@click.argument("exercise")
@click.option("--notebook", is_flag=True, help="Make a notebook of handout and starter.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="[default: EXERCISE.py or .ipynb here]")
@course_option
def start(exercise: str, notebook: bool, output: Path | None, course_dir: Path | None) -> int:
    """Copy the starter of an exercise, to begin with."""
    from grader.starting import write_starter

    course = course_in(course_dir, (exercise,))
    path = write_starter(course, exercise, notebook=notebook, output=output)
    there = f" --course {shlex.quote(str(course_dir))}" if course_dir else ""
    click.echo(f"Wrote {path}. Fill it in, then: grader check {shlex.quote(str(path))}{there}")
    click.echo(f"What is asked: {course.root / 'exercises' / exercise / 'README.md'}")
    return EXIT_PASSED
