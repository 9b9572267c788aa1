"""What is being done, on standard error: one line that is written over on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
import time

from grader.plaintext import plain_line

_BETWEEN = 30.0  # seconds between two lines where there is no terminal
_FIRST = 5  # so many must be done before what is left is told


class Progress:
    """One line on standard error that says what is being done; nothing where that is no terminal."""

    def __init__(self) -> None:
        self.prefix = ""
        self.shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __call__(self, text: str) -> None:
        """Shows a text in place of the one before; nothing where it is empty."""
        if self.shown:
            line = plain_line(f"{self.prefix}{text}")[: shutil.get_terminal_size().columns - 1] if text else ""
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()


class CohortProgress:
    """How far a cohort has come, and how long it will still take; see ``cohort.Watch``."""

    def __init__(self, show: Progress) -> None:
        self._show = show
        self._stage = ""
        self._started = 0.0
        self._told = time.monotonic()

    def __call__(self, stage: str, done: int, total: int, remark: str = "") -> None:
        """Shows how far it has come, and on a terminal at once."""
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._started = stage, now
        left = (now - self._started) / done * (total - done) if done >= _FIRST else None
        text = ", ".join(
            [f"{stage} {done} of {total}", *filter(None, [remark]), *([f"{spelled(left)} left"] if left else [])]
        )
        if self._show.shown:
            self._show(text)
        elif now - self._told >= _BETWEEN:
            self._told = now
            sys.stderr.write(text + "\n")
            sys.stderr.flush()


def spelled(seconds: float) -> str:
    """A length of time as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"
