"""The command line: what every command has in common, and which there are."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import click

from grader import __version__
from grader.commands import authoring, beginning, cohorts, grading
from grader.commands.writing import say_no_more
from grader.ending import EXIT_BROKE, EXIT_PASSED, EXIT_SIGNALLED, EXIT_USED_WRONGLY, SIGNALS
from grader.errors import GraderError
from grader.plaintext import plain_text, unheeded

_EPILOG = "Exit codes: 0 all passed, 1 some submission fell short, 2 used wrongly, 3 the grader itself broke."


class _Group(click.Group):
    """Turns errors into one message and the right exit code; no traceback of ours reaches a user."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # here, because click's own main would make it exit code 1, a verdict
            say_no_more()  # whoever read us has gone
            return EXIT_SIGNALLED + signal.SIGPIPE  # as of any program that is not read to its end

    def main(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["standalone_mode"] = False
        try:
            with SIGNALS.heard():
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
            came = SIGNALS.came or signal.SIGINT
            how = "interrupted" if came is signal.SIGINT else f"ended by {came.name}"
            click.echo(f"grader: {how}; {SIGNALS.left_behind}", err=True)
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


_COMMANDS = (
    *(grading.grade, grading.check, cohorts.cohort, cohorts.export, grading.replay, grading.doctor),
    *(beginning.list_, beginning.start),
    *(authoring.validate, authoring.new, authoring.release, authoring.package),
)
for command in _COMMANDS:
    main.add_command(command)


if __name__ == "__main__":
    main(prog_name="grader")
