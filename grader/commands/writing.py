"""How commands write: reports whole or not at all, in colours only for people."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.ending import SIGNALS
from grader.plaintext import unheeded
from grader.storing import write_whole

if TYPE_CHECKING:
    from grader.report import Report
    from grader.reporters.terminal import Style
    from grader.reporting import Target


def rendered(report: Report, target: Target, *, points: bool) -> str:
    """A report as the target wants it."""
    from grader.reporters import render
    from grader.reporting import given

    text = render(target.format, report, style=style(target.file, points=points), points=points, **given(os.environ))
    return unheeded(text) if target.format in ("terminal", "markdown") else text  # in others it is data, or a command


def style(output: Path | None, *, points: bool = True) -> Style:
    """How the terminal report is to look, there."""
    from grader.reporters.terminal import Style

    width = 80 if output is not None or not sys.stdout.isatty() else shutil.get_terminal_size().columns
    return Style(width=width, color=output is None and color(), points=points)


def color() -> bool:
    """Whether whoever reads standard output sees colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def write(text: str, output: Path | None) -> None:
    """Writes a report whole or not at all."""
    from grader.errors import InternalFault

    try:
        if output is None:
            click.echo(text, nl=False, color=True)
        elif output.exists() and not output.is_file():
            output.write_text(text, encoding="utf-8")  # a device or a pipe, whose place nothing else may take
        else:
            write_whole(output.resolve(), text.encode(), at_last=SIGNALS.ignore)
    except BrokenPipeError:
        raise
    except OSError as error:
        if output is None:
            say_no_more()
        raise InternalFault(f"{output or 'The report'} could not be written: {error.strerror}.") from error
    if output is not None:
        click.echo(f"Wrote {output}.", err=True)


def say_no_more() -> None:
    """Standard output can't be written to: what is left of it, which Python would write at its end, goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def warn_of_weak(level: str) -> None:
    """Says where submissions were run with hardly any protection."""
    if level in ("none", "weak"):
        text = "Protection is weak here: a submission could read your files and use the network. See: grader doctor"
        click.echo(text, err=True)
