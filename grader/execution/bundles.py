"""A piece of code as a worker gets it."""

from __future__ import annotations

import marshal
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """A piece of code as a worker gets it.

    Attributes:
        files: name of each file, with its blocks (label and source).
        main: the file that is executed.
        namespace: a class of that file in which the entry points stand (a misconception), or ``None``.
        tolerant: whether a block that raises leaves the others running (a notebook).
        ours: whether it is the course's own code, of which nobody needs to see what it replaces.
    """

    files: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    main: str
    namespace: str | None = None
    tolerant: bool = False
    ours: bool = False

    @classmethod
    def of_one_file(cls, name: str, source: str, *, namespace: str | None = None, ours: bool = False) -> Self:
        """A bundle of one file in one block."""
        return cls(files=((name, ((name, source),)),), main=name, namespace=namespace, ours=ours)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        files = [
            {"name": name, "blocks": [{"label": label, "source": source} for label, source in blocks]}
            for name, blocks in self.files
        ]
        return {
            "files": files,
            "main": self.main,
            "namespace": self.namespace,
            "tolerant": self.tolerant,
            "ours": self.ours,
        }

    def compiled_of_ours(self) -> bytes:
        """What of the code is the course's own, compiled here once and not by each worker; never anybody else's."""
        blocks = [block for _, blocks in self.files for block in blocks] if self.ours else []
        return marshal.dumps({label: _compiled(label, source) for label, source in blocks})


@lru_cache(maxsize=64)
def _compiled(label: str, source: str) -> bytes | None:
    try:
        return marshal.dumps(compile(source, label, "exec", dont_inherit=True, optimize=0))
    except (SyntaxError, ValueError):
        return None  # a worker will say so
