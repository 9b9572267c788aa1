"""What is computed once and kept on disk: drawn cases, and the traces of reference and misconceptions.

One file an entry, written whole under another name and then renamed, and closed by a digest: an entry that was cut
short or edited is as good as none. The folder is ``$GRADER_CACHE_DIR``, or ``grader`` in the user's cache folder.
A folder that can't be written costs time, never a result.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from grader.execution.protocol import Frame, ProtocolError

_DIGEST_BYTES = 32


class Cache:
    """A folder of entries by key."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or _default_folder()

    def read(self, *key: str) -> list[Frame] | None:
        """The frames of an entry, or ``None`` where there is none that is whole."""
        try:
            raw = self._path(key).read_bytes()
        except OSError:
            return None
        body, digest = raw[:-_DIGEST_BYTES], raw[-_DIGEST_BYTES:]
        if hashlib.sha256(body).digest() != digest:
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
        body = b"".join(frame.to_bytes() for frame in frames)
        path = self._path(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=path.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(body + hashlib.sha256(body).digest())
                os.replace(name, path)
            except OSError:
                os.unlink(name)

    def _path(self, key: tuple[str, ...]) -> Path:
        return self._folder / hashlib.sha256("\0".join(key).encode()).hexdigest()


def _default_folder() -> Path:
    if "GRADER_CACHE_DIR" in os.environ:
        return Path(os.environ["GRADER_CACHE_DIR"])
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "grader"
