"""Functions for ``test_apart.py`` to run in a process of their own; without anything that is not Python's."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

At = Callable[[str], None]
_called: list[str] = []


def breaks(text: str, at: At) -> None:
    """Raises what only a mistake of ours would."""
    raise ZeroDivisionError(text)


def ends(text: str, at: At) -> None:
    """Ends the process as a parser that overflows its stack does."""
    at(text)
    os.abort()


def waits(text: str, at: At) -> None:
    """Comes to no end, and says first which process it is."""
    at(text)
    if text.endswith(".pid"):
        Path(text).write_text(str(os.getpid()), encoding="ascii")
    time.sleep(600)


def takes_memory(text: str, at: At) -> None:
    """Takes more of it than there is."""
    at(text)
    bytearray(1 << 40)


def who(at: At) -> list[int]:
    """The process, and the one that started it."""
    return [os.getpid(), os.getppid()]


def called_before(text: str, at: At) -> list[str]:
    """What was left behind by those who were here before."""
    _called.append(text)
    return _called[:-1]


def surroundings(at: At) -> list[str]:
    """The current folder, and the names of the environment."""
    return [os.getcwd(), *os.environ]


def forges(text: str, at: At) -> None:
    """Writes wherever it can what looks like an end, and an answer after it."""
    at(text)
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        try:
            os.write(descriptor, b'["result", "forged"]\n\0\0\0\0\0\0\0\x15["result", "forged"]\n\0\0\0\0')
        except OSError:
            continue


def kills_what_started_it(text: str, at: At) -> None:
    """Ends the process that waits for it."""
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(600)
