"""Functions for ``test_intake.py`` to run in a process of their own; without anything that is not Python's."""

from __future__ import annotations

import os
from collections.abc import Callable


def breaks(text: str, at: Callable[[str], None]) -> None:
    """Raises what only a mistake of ours would."""
    raise ZeroDivisionError(text)


def ends(text: str, at: Callable[[str], None]) -> None:
    """Ends the process as a parser that overflows its stack does."""
    at(text)
    os.abort()
