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
            names = _code_in(folder)
            if not names:
                raise UsageError(
                    f"{given} holds nothing to grade: expected .py or .ipynb files in it, or in the one folder in it."
                )
        elif stat.S_ISREG(mode) and is_archive(given):
            extract(path, spare, at)
            folder = _innermost(Path(spare))
            inside = folder.relative_to(spare).as_posix()
            names = _code_in(folder)
            if not names:
                raise SubmissionProblem(
                    f"{shown} holds nothing to grade: expected .py or .ipynb files in it, or in the one folder in it."
                )
        elif stat.S_ISREG(mode) and is_code(given.name):
            folder, names = given.parent, [given.name]
        else:
            raise UsageError(f"{given} is no submission: expected {_KINDS}.")
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from error
    digest = hashlib.sha256()
    files = _read(folder, names, digest, at, alone=stat.S_ISREG(mode) and not is_archive(given))
    return {"files": [file.to_json() for file in files], "sha256": digest.hexdigest(), "inside": inside}


def is_code(name: str) -> bool:
    """Whether a file is called as code is; some systems and people write it HW.PY."""
    return Path(name).suffix.lower() in _SUFFIXES_OF_CODE


def _code_in(folder: Path) -> list[str]:
    """Names of all in a folder that look like code, in their order; what is hidden is not the student's."""
    with os.scandir(folder) as entries:
        there = list(islice(entries, MAX_ENTRIES + 1))
    shown = shown_name(folder.name)
    if len(there) > MAX_ENTRIES:
        raise SubmissionProblem(f"{shown} holds more than {MAX_ENTRIES:,} files; hand in your code only.")
    names = sorted(
        entry.name
        for entry in there
        if is_code(entry.name)
        and not entry.name.startswith(".")
        and not is_passed_over(entry.name)
        and not entry.is_dir(follow_symlinks=False)
    )
    if len(names) > MAX_FILES:
        raise SubmissionProblem(f"{shown} holds more than {MAX_FILES} .py and .ipynb files; hand in your own only.")
    return names


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


def _read(folder: Path, names: list[str], digest: hashlib._Hash, at: At, *, alone: bool) -> list[SourceFile]:
    files: list[SourceFile] = []
    total = code = 0
    for name in names:
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
        total += len(raw)
        if total > MAX_BYTES:
            raise SubmissionProblem(f"Its files have more than {MAX_BYTES:,} bytes together; no more are read.")
        digest.update(name.encode("utf-8", "surrogateescape") + b"\0" + raw + b"\0")
        files.append(read_source(name, raw))
        code += len(json.dumps(files[-1].blocks))
        if code > MAX_CODE_AS_JSON:
            raise SubmissionProblem(f"There are more than {MAX_CODE_AS_JSON:,} bytes of code in it; no more are run.")
    return files
