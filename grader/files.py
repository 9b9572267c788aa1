"""Opens files that somebody handed in: plain files only, no links, and no more of them than is allowed.

What is read is read once, from one descriptor, so that a file that is exchanged meanwhile is one of its versions.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from grader.errors import SubmissionProblem

_FLAGS = os.O_RDONLY
for _name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):  # not every system has them all
    _FLAGS |= getattr(os, _name, 0)
_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISDIR, "a folder"),
)


def kind(mode: int) -> str:
    """What a mode of ``stat`` says that something is, in words; empty for a plain file."""
    return next((word for holds, word in _KINDS if holds(mode)), "")


def read_plain_file(path: Path, shown: str, most: int, hint: str = "") -> bytes:
    """The content of a plain file; a hard link is one, for nothing tells it from another name.

    Args:
        path: of the file.
        shown: its name for messages.
        most: how many bytes are read at most.
        hint: what to do where there are more.

    Raises:
        SubmissionProblem: it is a link, no plain file, or too large.
        OSError: it can't be read.
    """
    if what := kind(path.lstat().st_mode):
        raise SubmissionProblem(_no_plain_file(shown, what))
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):  # a link that was a file a moment ago
            raise SubmissionProblem(_no_plain_file(shown, "a symbolic link")) from error
        raise
    with open(descriptor, "rb") as file:
        if what := kind(os.fstat(descriptor).st_mode):
            raise SubmissionProblem(_no_plain_file(shown, what))
        content = file.read(most + 1)
    if len(content) > most:
        raise SubmissionProblem(f"{shown} has more than {most:,} bytes; no more are read.{hint and ' '}{hint}")
    return content


def _no_plain_file(shown: str, what: str) -> str:
    if what == "a symbolic link":
        return f"{shown} is a symbolic link, and links are not followed; hand in the file itself."
    return f"{shown} is {what}, not a plain file."
