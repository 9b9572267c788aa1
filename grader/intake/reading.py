"""Takes in what was handed in: opens it, unpacks it where it is an archive, and reads its files as text.

``take_in`` runs in a process of its own (``apart.py``) and knows nothing of courses. What a student can do wrong or put
in the way within a submission stays with the file, or with the submission, as its problem; only a path that can't be
meant is the caller's mistake.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections import deque
from itertools import islice
from pathlib import Path
from typing import Any

from grader.errors import SubmissionProblem, UsageError
from grader.files import read_plain_file
from grader.intake.archives import SUFFIXES, extract, is_archive, is_passed_over
from grader.intake.bounded import At
from grader.intake.sources import (
    MAX_CODE_BYTES,
    MAX_NOTEBOOK_BYTES,
    SourceFile,
    broken_source,
    is_notebook,
    read_source,
    shown_name,
)

_SUFFIXES_OF_CODE = (".py", ".ipynb")
MAX_FILES = 500  # .py and .ipynb in one folder
MAX_ENTRIES = 20_000  # of any kind in one folder
MAX_BYTES = 20 << 20  # of all files together
MAX_CODE_AS_JSON = 3 << 20  # bytes of all code together, as it goes to a worker
_MAX_DEPTH = 6  # of folders in folders
_OF_TOOLS = frozenset({"node_modules", "site-packages"})  # folders with code that no student wrote
_OF_ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")  # what tells that a folder is one
_EXPECTED = "expected .py or .ipynb files in it, or in folders in it."
_KINDS = f"a .py file, an .ipynb file, a folder of them, or an archive of such a folder ({', '.join(SUFFIXES)})"


def take_in(path: str, spare: str, at: At) -> dict[str, Any]:
    """Reads a submission.

    Args:
        path: what was handed in.
        spare: an empty folder to unpack in, where it is an archive.
        at: is told what is begun with.

    Returns:
        ``files`` as ``SourceFile.to_json`` gives them, ``sha256`` of names and content, and ``inside``: the folder of
        an archive in which the files lie.

    Raises:
        SubmissionProblem: nothing of it can be read.
        UsageError: there is no such path, or it is of no kind that can be graded.
    """
    given = Path(path)
    shown = shown_name(given.name)
    at(shown)
    inside = ""
    try:
        mode = given.lstat().st_mode
        if stat.S_ISLNK(mode):
            raise SubmissionProblem(f"{shown} is a symbolic link, and links are not followed; give what it leads to.")
        if stat.S_ISDIR(mode):
            folder = _innermost(given)
            inside = folder.relative_to(given).as_posix()
            names, deeper = _code_in(folder), _code_below(folder)
            if not names and not deeper:
                raise UsageError(f"{given} holds nothing to grade: {_EXPECTED}")
        elif stat.S_ISREG(mode) and is_archive(given):
            extract(path, spare, at)
            folder = _innermost(Path(spare))
            inside = folder.relative_to(spare).as_posix()
            names, deeper = _code_in(folder), _code_below(folder)
            if not names and not deeper:
                raise SubmissionProblem(f"{shown} holds nothing to grade: {_EXPECTED}")
        elif stat.S_ISREG(mode) and is_code(given.name):
            folder, names, deeper = given.parent, [given.name], []
        else:
            raise UsageError(f"{given} is no submission: expected {_KINDS}.")
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from error
    digest = hashlib.sha256()
    files = _read(folder, names, deeper, digest, at, alone=stat.S_ISREG(mode) and not is_archive(given))
    return {"files": [file.to_json() for file in files], "sha256": digest.hexdigest(), "inside": inside}


def is_code(name: str) -> bool:
    """Whether a file is called as code is; some systems and people write it HW.PY."""
    return Path(name).suffix.lower() in _SUFFIXES_OF_CODE


def _code_in(folder: Path) -> list[str]:
    """Names of all in a folder that look like code, in their order; what is hidden is not the student's."""
    there = _entries(folder)
    shown = shown_name(folder.name)
    if len(there) > MAX_ENTRIES:
        raise SubmissionProblem(f"{shown} holds more than {MAX_ENTRIES:,} files; hand in your code only.")
    names = [entry.name for entry in there if _looks_like_code(entry)]
    if len(names) > MAX_FILES:
        raise SubmissionProblem(f"{shown} holds more than {MAX_FILES} .py and .ipynb files; hand in your own only.")
    return names


def _code_below(folder: Path) -> list[str]:
    """Paths of what looks like code in the folders of a folder, what lies deeper last.

    What there is too much of is left out: it is there for other reasons than to be graded.
    """
    found: list[str] = []
    waiting, seen = deque([(folder, 0)]), 0
    while waiting:
        here, depth = waiting.popleft()
        there = _entries(here)
        seen += len(there)
        if seen > MAX_ENTRIES or len(found) > MAX_FILES:
            break
        if depth:
            found += [(here / each.name).relative_to(folder).as_posix() for each in there if _looks_like_code(each)]
        if depth < _MAX_DEPTH:
            waiting += [(here / each.name, depth + 1) for each in there if _is_of_the_student(here / each.name)]
    return found[:MAX_FILES]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is in a folder, by name; of too much the begin, which is longer than the bound."""
    with os.scandir(folder) as entries:
        return sorted(islice(entries, MAX_ENTRIES + 1), key=lambda entry: entry.name)


def _looks_like_code(entry: os.DirEntry[str]) -> bool:
    return (
        is_code(entry.name)
        and not entry.name.startswith(".")
        and not is_passed_over(entry.name)
        and not entry.is_dir(follow_symlinks=False)
    )


def _is_of_the_student(path: Path) -> bool:
    """Whether it is a folder that may hold their code, and not what a tool has put beside it."""
    return (
        _may_hold_code(path)
        and path.name not in _OF_TOOLS
        and not any((path / each).exists() for each in _OF_ENVIRONMENTS)
    )


def _innermost(folder: Path) -> Path:
    """The folder in which the code lies, where there is one folder in another."""
    while not _code_in(folder):
        deeper = [each for each in folder.iterdir() if _may_hold_code(each)]
        if len(deeper) != 1:
            break
        (folder,) = deeper
    return folder


def _may_hold_code(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not path.name.startswith(".") and not is_passed_over(path.name)


def _read(
    folder: Path, names: list[str], deeper: list[str], digest: hashlib._Hash, at: At, *, alone: bool
) -> list[SourceFile]:
    """The files of a folder, which together must be within bounds, and of those that lie deeper as many as are."""
    files: list[SourceFile] = []
    total = code = 0
    for name in (*names, *deeper):
        shown = shown_name(name)
        at(shown)
        try:
            if is_notebook(name):
                raw = read_plain_file(folder / name, shown, MAX_NOTEBOOK_BYTES, "Clear its outputs and save it.")
            else:
                raw = read_plain_file(folder / name, shown, MAX_CODE_BYTES)
        except SubmissionProblem as problem:
            files.append(broken_source(name, str(problem)))
            continue
        except OSError as error:
            if alone:
                raise UsageError(f"{folder / name} can't be read: {error.strerror}.") from error
            files.append(broken_source(name, f"{shown} can't be read: {error.strerror}."))
            continue
        file = read_source(name, raw)
        total, code = total + len(raw), code + len(json.dumps(file.blocks))
        if total > MAX_BYTES or code > MAX_CODE_AS_JSON:
            if len(files) >= len(names):
                break
            if total > MAX_BYTES:
                raise SubmissionProblem(f"Its files have more than {MAX_BYTES:,} bytes together; no more are read.")
            raise SubmissionProblem(f"There are more than {MAX_CODE_AS_JSON:,} bytes of code in it; no more are run.")
        digest.update(name.encode("utf-8", "surrogateescape") + b"\0" + raw + b"\0")
        files.append(file)
    return files
