"""Lays out what a cohort handed in, as a folder or as the .zip of it, and reads it as the cohort command does."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.roster import Roster, read_roster

CODE = b"def init_hidden(rnn, batch_size):\n    return None\n"


def lay(folder: Path, files: Mapping[str, bytes | None], *, packed: bool = False) -> Path:
    """Writes files, and folders where there is no content; gives the path of the folder or of the .zip."""
    if not packed:
        for name, content in files.items():
            path = folder / "given" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.mkdir(exist_ok=True)
            else:
                path.write_bytes(content)
        return folder / "given"
    with zipfile.ZipFile(folder / "given.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{name}/" if content is None else name, content or b"")
    return folder / "given.zip"


def read(path: Path, **options: Any) -> Roster:
    """Reads it, with a new folder beside it to unpack in."""
    spare = path.parent / "spare"
    spare.mkdir()
    return read_roster(path, spare, **options)


def told(roster: Roster, *fields: str) -> list[tuple[Any, ...]]:
    """Some of what is known of each that was handed in."""
    return [tuple(getattr(one, name) for name in fields) for one in roster.handed_in]


def contents(path: Path) -> dict[str, bytes]:
    """What lies in a folder, or the one file."""
    if path.is_file():
        return {path.name: path.read_bytes()}
    return {each.relative_to(path).as_posix(): each.read_bytes() for each in path.rglob("*") if each.is_file()}
