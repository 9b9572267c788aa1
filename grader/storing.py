"""Writes files whole or not at all: under another name first, which then takes the place."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, content: bytes, *, at_last: Callable[[], None] = lambda: None) -> None:
    """Writes a file, or leaves what was there.

    Args:
        path: of the file.
        content: all of it.
        at_last: is called when everything is on the disk but the name.

    Raises:
        OSError: it can't be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        at_last()
        os.replace(partial, path)
    except BaseException:
        with suppress(OSError):  # there is no such folder, say
            partial.unlink()
        raise
