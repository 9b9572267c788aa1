"""Submissions: a .py, an .ipynb, or a folder of these, read as text; nothing of them is executed here.

A notebook's code cells become blocks that run in order, without a kernel: magics and shell lines are left out line
by line (so line numbers stay), cells of other languages whole, and cells tagged ``skip-grading`` too.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import json
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.errors import SubmissionProblem, UsageError
from grader.execution.session import Bundle

SKIP_TAG = "skip-grading"
MAX_BYTES = 5 << 20
_PYTHON_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")
_MAGIC = re.compile(r"\s*(%|!|\?)|.*\?\s*$|.*=\s*[%!]")
_DEFINITION = re.compile(r"^(?:def|class) +(\w+)", re.MULTILINE)
_SUFFIXES = (".py", ".ipynb")


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFile:
    """One file of a submission.

    Attributes:
        name: path within the submission.
        blocks: label and source of each block (a .py is one, a notebook one a code cell).
        defined: names bound at the top level, each with the place where it is bound first; in a file that can't be
            read as Python, those that look as if they were.
        imported: those of them that come from elsewhere.
        problem: why the file can't be run, or an empty text.
        notebook: whether it is one.
    """

    name: str
    blocks: tuple[tuple[str, str], ...] = ()
    defined: dict[str, str] = field(default_factory=dict)
    imported: frozenset[str] = frozenset()
    problem: str = ""
    notebook: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """What was handed in: its path as given, a digest of its content, and its files."""

    path: str
    sha256: str
    files: tuple[SourceFile, ...]

    def file_for(self, names: tuple[str, ...]) -> SourceFile | None:
        """The one file that defines any of the names.

        Raises:
            SubmissionProblem: two files define them.
        """
        found = [file for file in self.files if any(name in file.defined for name in names)]
        makers = [file for file in found if any(name in file.defined.keys() - file.imported for name in names)]
        found = makers or found
        if len(found) > 1:
            places = " and ".join(file.name for file in found)
            raise SubmissionProblem(f"`{names[0]}` is defined twice, in {places}; keep one of them.")
        return found[0] if found else None

    def bundle(self, file: SourceFile) -> Bundle:
        """What a worker needs to run one file of the submission; the others can be imported from it."""
        others = tuple(each for each in self.files if not each.notebook and each is not file and not each.problem)
        files = tuple((each.name, each.blocks) for each in (file, *others))
        return Bundle(files=files, main=file.name, tolerant=file.notebook)

    def location(self, file: SourceFile) -> str:
        """The path of one of its files."""
        return str(Path(self.path) / file.name) if Path(self.path).is_dir() else self.path


def read_submission(path: Path) -> Submission:
    """Reads a submission. Problems within a file stay with the file.

    Raises:
        UsageError: there is no such path, or it is of no kind that can be graded.
    """
    try:
        there = path.exists()
    except OSError as error:
        raise UsageError(f"{str(path)[:80]} can't be read: {error.strerror}.") from error
    if not there:
        near = [each.name for each in path.parent.glob("*") if each.suffix in _SUFFIXES] if path.parent.is_dir() else []
        hint = f" In that folder there are: {', '.join(sorted(near)[:5])}." if near else ""
        raise UsageError(f"There is no file or folder {path}.{hint}")
    if path.is_dir():
        paths = sorted(each for each in path.iterdir() if each.suffix in _SUFFIXES and each.is_file())
        if not paths:
            raise UsageError(f"{path} holds nothing to grade: expected .py or .ipynb files in it.")
    elif not path.is_file() or path.suffix not in _SUFFIXES:
        raise UsageError(f"{path} is no submission: expected a .py file, an .ipynb file, or a folder of them.")
    else:
        paths = [path]
    digest = hashlib.sha256()
    files = []
    for each in paths:
        try:
            raw = each.read_bytes()
        except OSError as error:
            raise UsageError(f"{each} can't be read: {error.strerror}.") from error
        digest.update(each.name.encode("utf-8", "surrogateescape") + b"\0" + raw + b"\0")
        files.append(_source_file(each.name, raw))
    return Submission(path=str(path), sha256=digest.hexdigest(), files=tuple(files))


def _source_file(name: str, raw: bytes) -> SourceFile:
    notebook = name.endswith(".ipynb")
    try:
        if len(raw) > MAX_BYTES:
            raise SubmissionProblem(f"{name} has {len(raw):,} bytes; at most {MAX_BYTES:,} are read.")
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            raise SubmissionProblem(f"{name} is not UTF-8 text (line {line}); save it as UTF-8.") from error
        blocks = tuple(_cells(name, text)) if notebook else ((name, text),)
        if not any(source.strip() for _, source in blocks):
            raise SubmissionProblem(f"{name} has no code in it.")
        defined: dict[str, str] = {}
        for label, source in blocks:
            for bound, line in _bound_names(label, source, tolerant=notebook):
                defined.setdefault(bound, f"{label}, line {line}")
        imported = frozenset(_imported(source for _, source in blocks))
        return SourceFile(name=name, blocks=blocks, defined=defined, imported=imported, notebook=notebook)
    except SubmissionProblem as problem:
        looks_defined = dict.fromkeys(_DEFINITION.findall(raw.decode("utf-8", "replace")), f"{name}, somewhere")
        return SourceFile(name=name, defined=looks_defined, problem=str(problem), notebook=notebook)


def _cells(name: str, text: str) -> Iterator[tuple[str, str]]:
    try:
        notebook: Any = json.loads(text)
        cells = notebook["cells"] if "cells" in notebook else _cells_of_version_3(notebook)
        for number, cell in enumerate(cells, start=1):
            if cell["cell_type"] != "code" or SKIP_TAG in cell.get("metadata", {}).get("tags", ()):
                continue
            source = cell["source"] if "source" in cell else cell["input"]
            source = source if isinstance(source, str) else "".join(source)
            yield f"{name}, cell {number}", without_magics(source)
    except ValueError as error:
        raise SubmissionProblem(f"{name} is not a notebook: it is not JSON ({error}).") from error
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SubmissionProblem(f"{name} is not a notebook: it has no list of cells as nbformat describes.") from error


def _cells_of_version_3(notebook: Any) -> list[Any]:
    return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]


def without_magics(source: str) -> str:
    """The Python of a code cell: what only IPython understands is replaced by ``pass``, line by line."""
    lines = source.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%"):
        if not first.startswith(_PYTHON_MAGICS):
            return ""
        lines[lines.index(first)] = "pass"
    for _ in range(len(lines)):
        error = _syntax_error("\n".join(lines))
        if error is None or error.lineno is None or not 1 <= error.lineno <= len(lines):
            break
        line = lines[error.lineno - 1]
        if not _MAGIC.match(line):
            break
        passing = line[: len(line) - len(line.lstrip())] + "pass"
        for number in range(error.lineno - 1, len(lines)):
            goes_on, lines[number] = lines[number].endswith("\\"), passing
            if not goes_on:
                break
    return "\n".join(lines)


def _syntax_error(source: str) -> SyntaxError | None:
    try:
        _parse(source)
    except SyntaxError as error:
        return error
    except (ValueError, MemoryError, RecursionError):
        return None
    return None


def _parse(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def _bound_names(label: str, source: str, *, tolerant: bool) -> Iterator[tuple[str, int]]:
    try:
        tree = _parse(source)
    except SyntaxError as error:
        if tolerant:
            return  # a cell that can't run is reported when it is run, and does not stop the others
        line = f", line {error.lineno}" if error.lineno else ""
        text = (error.text or "").strip()[:80]
        shown = f": {text}" if text else ""
        raise SubmissionProblem(f"{label}{line} is not Python ({error.msg}){shown}") from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise SubmissionProblem(f"{label} can't be read as Python: {str(error) or 'nested too deeply'}.") from error
    try:
        yield from list(_bound_in(tree.body))
    except RecursionError as error:
        raise SubmissionProblem(f"{label} can't be read as Python: nested too deeply.") from error


def _imported(sources: Iterable[str]) -> Iterator[str]:
    for source in sources:
        if _syntax_error(source) is None:
            for node in _parse(source).body:
                if isinstance(node, ast.ImportFrom):
                    yield from (alias.asname or alias.name for alias in node.names)


def _bound_in(body: list[ast.stmt]) -> Iterator[tuple[str, int]]:
    """Names that statements bind, those within ``if``, ``try``, ``with`` and loops included."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node.lineno
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    yield alias.asname or alias.name.partition(".")[0], node.lineno
            case ast.Assign(targets=targets):
                for target in targets:
                    yield from ((name.id, node.lineno) for name in ast.walk(target) if isinstance(name, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node.lineno
            case _:
                for inner in ("body", "orelse", "finalbody"):
                    yield from _bound_in(getattr(node, inner, []))
                for part in (*getattr(node, "handlers", []), *getattr(node, "cases", [])):
                    yield from _bound_in(part.body)


def file_for(submission: Submission, entry_points: tuple[str, ...]) -> SourceFile:
    """The file that defines them. Raises ``SubmissionProblem`` where there is none, or it can't be read."""
    file = submission.file_for(entry_points)
    if file is None:
        problems = [each.problem for each in submission.files if each.problem]
        if problems:
            raise SubmissionProblem(" ".join(problems))
        raise SubmissionProblem(_missing(submission, entry_points))
    if file.problem:
        raise SubmissionProblem(file.problem)
    return file


def _missing(submission: Submission, entry_points: tuple[str, ...]) -> str:
    defined = {name: place for file in submission.files for name, place in file.defined.items()}
    lowered = {name.lower(): name for name in defined}
    for wanted in entry_points:
        near = difflib.get_close_matches(wanted.lower(), lowered, n=1, cutoff=0.75)
        if near:
            name = lowered[near[0]]
            return f"It does not define `{wanted}`. Is it the `{name}` at {defined[name]}? Then rename it."
    return f"It does not define `{' or '.join(entry_points)}`."


def nothing_to_grade(submission: Submission, entry_points: Mapping[str, tuple[str, ...]]) -> str:
    """Why a submission defines nothing of what the exercises ask for, in words."""
    problems = [each.problem for each in submission.files if each.problem]
    if problems:
        return " ".join(problems)
    everything = tuple(name for names in entry_points.values() for name in names)
    near = _missing(submission, everything)
    if "rename" in near:
        return near
    return f"It defines none of the course's entry points: {', '.join(everything)}."
