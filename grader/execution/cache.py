"""What is computed once and kept on disk: drawn cases, and the traces of reference and misconceptions.

One file an entry, written whole under another name and then renamed, and closed by a digest of it and its key: an
entry that was cut short, edited, or put in another's place is as good as none. The folder is ``$GRADER_CACHE_DIR``,
or ``grader`` in the user's cache folder. A folder that can't be written, or that nobody can name because the user has
no home, costs time, never a result. Entries that nobody read for longest are removed when they have grown too many;
what else lies in the folder stays.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import tempfile
from pathlib import Path

from grader.execution.protocol import Frame, ProtocolError

_DIGEST_BYTES = 32
MOST_BYTES = 1 << 30
_OURS = re.compile(r"[0-9a-f]{64}(\.\w+)?")  # an entry, or one that was not finished


class Cache:
    """A folder of entries by key."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or _default_folder()
        self._pruned = False

    def read(self, *key: str) -> list[Frame] | None:
        """The frames of an entry, or ``None`` where there is none that is whole."""
        try:
            path = self._path(key)
            raw = path.read_bytes()
        except OSError:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # read just now, so among the last to be removed
        body, digest = raw[:-_DIGEST_BYTES], raw[-_DIGEST_BYTES:]
        if _digest(key, body) != digest:
            return None
        frames, start = [], 0
        try:
            while start < len(body):
                frame, start = Frame.from_bytes(body, start)
                frames.append(frame)
        except ProtocolError:
            return None
        return frames

    def write(self, frames: list[Frame], *key: str) -> None:
        """Stores an entry; a disk that is full or read-only is no error."""
        with contextlib.suppress(OSError, ProtocolError):  # the second: a frame too large for another reader
            path = self._path(key)
            body = b"".join(frame.to_bytes() for frame in frames)
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(body + _digest(key, body))
                os.replace(name, path)
            except BaseException:  # also where somebody interrupts
                os.unlink(name)
                raise
            self._prune(path.parent)

    def _prune(self, folder: Path) -> None:
        """Removes what was not read for longest, down to half of what is allowed; once a process."""
        if self._pruned:
            return
        self._pruned = True
        entries = [(entry.stat(), entry.path) for entry in os.scandir(folder) if _OURS.fullmatch(entry.name)]
        total = sum(stat.st_size for stat, _ in entries)
        excess = total - MOST_BYTES // 2 if total > MOST_BYTES else 0
        for stat, path in sorted(entries, key=lambda entry: entry[0].st_mtime):
            if excess <= 0:
                break
            with contextlib.suppress(OSError):  # another grader may have been faster
                os.unlink(path)
            excess -= stat.st_size

    def _path(self, key: tuple[str, ...]) -> Path:
        if self._folder is None:
            raise FileNotFoundError(errno.ENOENT, "There is no folder for the cache")
        return self._folder / _digest(key).hex()


def _digest(key: tuple[str, ...], body: bytes = b"") -> bytes:
    return hashlib.sha256("\0".join(key).encode() + b"\0\0" + body).digest()


def _default_folder() -> Path | None:
    if named := os.environ.get("GRADER_CACHE_DIR"):  # empty is how pipelines leave it unset
        return Path(named)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "grader"
    except RuntimeError:  # a user whom the system doesn't know, as in many a container
        return None
