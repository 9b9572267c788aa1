"""A folder with a file or a folder a student."""

from __future__ import annotations

import stat
from collections import Counter
from pathlib import Path

from grader.intake.archives import SUFFIXES
from grader.plaintext import plain_name
from grader.platforms.collection import Collection, HandedIn, could_be_code, is_folder


def read(collection: Collection, folder: Path) -> list[HandedIn]:
    """One student for each folder, and each file that could be code; the name, without suffix, is the id."""
    there = [each for each in collection.inside(folder) if _is_students(collection, each)]
    ids = [plain_name(_stem(collection.name(each), folder=is_folder(each))) for each in there]
    counts, taken = Counter(ids), Counter[str]()
    handed_in = []
    for each, short in zip(there, ids, strict=True):
        student = short if counts[short] == 1 else plain_name(collection.name(each))
        taken[student] += 1
        if taken[student] > 1:  # names that differ, and are the same to the eye
            student = f"{student} ({taken[student]})"
        if student != short:
            collection.remarks.append(
                f"{collection.shown(each)}: there are several of {short}; each stands for itself."
            )
        path, problem = each, ""
        if is_folder(each):
            path, problem = collection.submission_in(each)
        handed_in.append(HandedIn(student=student, path=path, shown=collection.shown(each), problem=problem))
    return handed_in + _not_unpacked(collection, folder, ids)


def _is_students(collection: Collection, path: Path) -> bool:
    if is_folder(path) or could_be_code(path.name) or stat.S_ISLNK(path.lstat().st_mode):
        return True
    collection.remarks.append(f"{collection.shown(path)} is passed over: no .py, no .ipynb, no archive.")
    return False


def _not_unpacked(collection: Collection, folder: Path, ids: list[str]) -> list[HandedIn]:
    """Students whose only file was refused."""
    above = collection.parts(folder)
    handed_in = []
    for parts, why in collection.refused:
        if parts[:-1] != above or not could_be_code(parts[-1]):
            continue
        student = plain_name(_stem(parts[-1], folder=False))
        if student not in ids:
            shown, problem = plain_name("/".join(parts)), f"It could not be unpacked: {why}"
            handed_in.append(HandedIn(student=student, path=folder / "none", shown=shown, problem=problem))
    return handed_in


def _stem(name: str, *, folder: bool) -> str:
    if folder:
        return name.strip()
    suffix = next((each for each in SUFFIXES if name.lower().endswith(each)), Path(name).suffix)
    return name[: len(name) - len(suffix)].strip()
