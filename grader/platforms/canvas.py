"""What Canvas gives as "Download Submissions": all files of all students side by side, named after them.

The names are those that Canvas makes in ``lib/content_zipper.rb``: the sortable name in lower case without anything but
letters, digits and underscores; ``LATE``; the user's id; the file's id; and what the student called the file. With
anonymous marking there is no name, and the id is ``anon_`` and letters. Texts that were typed in come as
``_text.html``, addresses as ``_link.html``. A file that is handed in again gets ``-1``, ``-2`` before its suffix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.intake.archives import is_archive, writable_name
from grader.intake.reading import is_code
from grader.plaintext import plain_name
from grader.platforms.collection import Collection, HandedIn, could_be_code

_FILE = re.compile(
    r"(?:(?P<name>.*?)_)??(?:(?P<late>LATE)_)?(?P<user>\d+|anon_[^\W_]+)_"
    r"(?:(?P<file>\d+)_(?P<original>.+)|(?P<typed>text|link)\.html)",
    re.DOTALL,
)
_AGAIN = re.compile(r"(?P<stem>.+)-(?P<number>\d{1,3})", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    """One file of a student; ``original`` is empty for what was typed in, ``problem`` says why it isn't there."""

    user: str
    name: str
    late: bool
    number: int
    original: str
    shown: str
    path: Path
    problem: str = ""


def recognises(collection: Collection, folder: Path) -> bool:
    """Whether most files in a folder are named as Canvas names them."""
    files = [collection.name(each) for each in collection.files(folder)]
    return bool(files) and sum(_FILE.fullmatch(name) is not None for name in files) * 2 > len(files)


def read(collection: Collection, folder: Path) -> list[HandedIn]:
    """One student for each user's id; their files get back the names that they had."""
    students: dict[str, list[_File]] = {}
    for file in _files(collection, folder):
        students.setdefault(file.user, []).append(file)
    return [_handed_in(collection, files) for files in students.values()]


def _files(collection: Collection, folder: Path) -> Iterator[_File]:
    for path in collection.files(folder):
        file = _file(collection.name(path), path, collection.shown(path))
        if file is None:
            collection.remarks.append(f"{collection.shown(path)} is passed over: Canvas gives no file such a name.")
        else:
            yield file
    above = collection.parts(folder)
    for parts, why in collection.refused:
        refused = _file(parts[-1], folder, plain_name(parts[-1]), why) if parts[:-1] == above else None
        if refused is not None:
            yield refused


def _file(name: str, path: Path, shown: str, problem: str = "") -> _File | None:
    found = _FILE.fullmatch(name)
    if found is None:
        return None
    return _File(
        user=found["user"],
        name=plain_name(found["name"] or ""),
        late=found["late"] is not None,
        number=int(found["file"] or 0),
        original=found["original"] or "",
        shown=shown,
        path=path,
        problem=problem,
    )


def _handed_in(collection: Collection, files: list[_File]) -> HandedIn:
    first = files[0]
    for each in files:
        if not each.original:
            collection.remarks.append(f"{each.shown} is passed over: typed in, not a file.")
        elif not could_be_code(each.original):
            collection.remarks.append(f"{each.shown} is passed over: no .py, no .ipynb, no archive.")
    usable = [each for each in files if could_be_code(each.original)]
    path, problem = _submission(collection, first.user, usable)
    return HandedIn(
        student=first.user,
        name=first.name,
        path=path,
        shown=first.shown if len(files) == 1 else f"{first.shown} and {len(files) - 1} more",
        late=any(each.late for each in files),
        problem=problem,
    )


def _submission(collection: Collection, user: str, files: list[_File]) -> tuple[Path, str]:
    for each in files:
        if each.problem:
            return each.path, f"A file of it could not be unpacked: {each.problem}"
    code = [each for each in files if is_code(each.original)]
    if not code:
        code = sorted(files, key=lambda each: each.number)[-1:]  # the archive that came last
    left_out = [each for each in files if each not in code]
    kept = _newest(code)
    for each in (*left_out, *(each for each in code if each not in kept.values())):
        beside = "another archive came later" if is_archive(Path(code[0].original)) else "there is code beside it"
        why = beside if is_archive(Path(each.original)) and each in left_out else "it came again"
        collection.remarks.append(f"{each.shown} is passed over: {why}.")
    if not kept:
        return collection.lay(user, ())[0], "No .py, no .ipynb and no archive of them was handed in."
    folder, problem = collection.lay(user, ((each.path, name) for name, each in kept.items()))
    archive = next(iter(kept)) if not problem and is_archive(Path(next(iter(kept)))) else ""
    return (folder / writable_name(archive) if archive else folder), problem


def _newest(files: list[_File]) -> dict[str, _File]:
    """Of files that were handed in again, the last, under the first one's name.

    Where the first one isn't there and several numbers are, the numbers are the student's own, as in ``part-1.py`` and
    ``part-2.py``, and all are kept.
    """
    families: dict[str, dict[int, _File]] = {}
    for each in files:
        stem, number = _again(each.original)
        family = families.setdefault(stem, {})
        if number not in family or family[number].number < each.number:
            family[number] = each
    kept: dict[str, _File] = {}
    for stem, family in families.items():
        if 0 in family or len(family) == 1:
            kept[stem] = family[max(family)]
        else:
            kept |= {each.original: each for each in family.values()}
    return kept


def _again(original: str) -> tuple[str, int]:
    """The name before it was handed in again, and the number that Canvas gave it then (0 where it gave none)."""
    path = Path(original)
    found = _AGAIN.fullmatch(path.stem)
    return (found["stem"] + path.suffix, int(found["number"])) if found else (original, 0)
