"""Bytes of a .py or an .ipynb to source that can be run; nothing of them is executed.

A notebook's code cells become blocks that run in order, without a kernel: magics and shell lines are left out line
by line (so line numbers stay), cells of other languages whole, and cells tagged ``skip-grading`` too. Nothing else of a
notebook is read: no kernelspec, no outputs, no attachments, no ids of cells.

Parsing what somebody made for it can take gigabytes, or end the process: this runs where ``apart`` bounds it.
"""

from __future__ import annotations

import ast
import codecs
import contextlib
import io
import json
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from grader.errors import SubmissionProblem
from grader.intake.remarks import Remark, remarks_on
from grader.plaintext import plain_line

SKIP_TAG = "skip-grading"
MAX_CODE_BYTES = 1 << 20  # of Python in one file; what a parser makes of it is hundreds of times as large
MAX_NOTEBOOK_BYTES = 10 << 20  # with outputs and attachments, which are passed over
MAX_CELLS = 2_000
MAX_NAMES = 5_000
_MOST_SHOWN = 80  # characters of a line that is no Python
# what parsers of one version or another raise besides SyntaxError
_NOT_PARSED = (ValueError, MemoryError, RecursionError, OverflowError, SystemError)
PYTHON_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")
_MAGIC = re.compile(r"\s*(%|!|\?)|.*\?\s*$|.*=\s*[%!]")
_DEFINITION = re.compile(r"^(?:def|class) +(\w{1,100})", re.MULTILINE)
# Read so, a file of UTF-8 is the same program, but for accents in its texts; as utf-7 or unicode_escape it is another.
_SAME_PROGRAM = ("utf-8", "utf-8-sig", "ascii", "iso8859-1", "iso8859-15", "cp1252")


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
        remarks: what in it is for a person to read.
    """

    name: str
    blocks: tuple[tuple[str, str], ...] = ()
    defined: dict[str, str] = field(default_factory=dict)
    imported: frozenset[str] = frozenset()
    problem: str = ""
    notebook: bool = False
    remarks: tuple[Remark, ...] = ()

    @property
    def depth(self) -> int:
        """In how many folders of the submission it lies."""
        return self.name.count("/")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {**asdict(self), "imported": sorted(self.imported)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """What ``to_json`` gave."""
        blocks = tuple((label, source) for label, source in data["blocks"])
        remarks = tuple(Remark(**remark) for remark in data["remarks"])
        return cls(**{**data, "blocks": blocks, "imported": frozenset(data["imported"]), "remarks": remarks})


def read_source(name: str, raw: bytes) -> SourceFile:
    """One file from its bytes; what is wrong with it stays with it, as ``problem``."""
    notebook = is_notebook(name)
    shown = shown_name(name)
    try:
        text = _decoded(shown, raw, notebook=notebook)
        blocks = _blocks(shown, text, notebook=notebook)
        defined: dict[str, str] = {}
        imported: set[str] = set()
        trees = [_tree(label, source, tolerant=notebook) for label, source in blocks]
        for (label, source), tree in zip(blocks, trees, strict=True):
            for bound, line in _bound_names(label, tree):
                defined.setdefault(bound, f"{label}, line {line}")
            if notebook and not tree.body:  # what is wrong with the cell is told when it is run
                for bound in _DEFINITION.findall(source):
                    defined.setdefault(bound, f"{label}, somewhere")
            imported.update(_imported(tree))
        if len(defined) > MAX_NAMES:
            raise SubmissionProblem(f"{shown} defines {len(defined):,} names; at most {MAX_NAMES:,} are read.")
        return SourceFile(
            name=name,
            blocks=blocks,
            defined=defined,
            imported=frozenset(imported),
            notebook=notebook,
            remarks=remarks_on((label, tree) for (label, _), tree in zip(blocks, trees, strict=True)),
        )
    except SubmissionProblem as problem:
        return broken_source(name, str(problem), raw)


def broken_source(name: str, problem: str, raw: bytes = b"") -> SourceFile:
    """A file that can't be run, with what it looks as if it defined."""
    looks = list(dict.fromkeys(_DEFINITION.findall(raw.decode("utf-8", "replace"))))[:MAX_NAMES]
    defined = dict.fromkeys(looks, f"{shown_name(name)}, somewhere")
    return SourceFile(name=name, defined=defined, problem=problem, notebook=is_notebook(name))


def is_notebook(name: str) -> bool:
    """Whether a file is called as notebooks are."""
    return name.lower().endswith(".ipynb")


def shown_name(name: str) -> str:
    """A file's name as it stands in messages and labels: one line, not too long."""
    return plain_line(name, 100)


def _decoded(shown: str, raw: bytes, *, notebook: bool) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if not notebook and (text := _as_declared(raw)) is not None:
            return text
        line = raw[: error.start].count(b"\n") + 1
        raise SubmissionProblem(f"{shown} is not UTF-8 text (line {line}); save it as UTF-8.") from error


def _as_declared(raw: bytes) -> str | None:
    """The text of a file that names its encoding, where that is one in which a program is the same one."""
    with contextlib.suppress(SyntaxError, LookupError, UnicodeDecodeError):
        encoding = codecs.lookup(tokenize.detect_encoding(io.BytesIO(raw).readline)[0]).name
        if encoding in _SAME_PROGRAM:
            return raw.decode(encoding)
    return None


def _blocks(shown: str, text: str, *, notebook: bool) -> tuple[tuple[str, str], ...]:
    blocks = tuple(_cells(shown, text)) if notebook else ((shown, text),)
    if not any(source.strip() for _, source in blocks):
        raise SubmissionProblem(f"{shown} has no code in it.")
    size = sum(len(source) for _, source in blocks)
    if size > MAX_CODE_BYTES:
        raise SubmissionProblem(f"{shown} has {size:,} characters of code; at most {MAX_CODE_BYTES:,} are read.")
    if not notebook:
        if "\0" in text:
            line = text.partition("\0")[0].count("\n") + 1
            raise SubmissionProblem(f"{shown} can't be read as Python: null bytes (line {line}); save it as UTF-8.")
        _check_cookie(shown, text)
    return blocks


def _check_cookie(shown: str, text: str) -> None:
    """Refuses a file that says it is to be read otherwise than as UTF-8: elsewhere it would be another program."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(text.encode("utf-8")).readline)
        encoding = codecs.lookup(encoding).name
    except (SyntaxError, LookupError) as error:
        raise SubmissionProblem(
            f"{shown} names an encoding that there is not; save it as UTF-8 without that line."
        ) from error
    if encoding not in _SAME_PROGRAM:
        raise SubmissionProblem(
            f"{shown} says that its encoding is {encoding}; save it as UTF-8 and take that line out."
        )


def _cells(shown: str, text: str) -> Iterator[tuple[str, str]]:
    try:
        notebook: Any = json.loads(text)
        cells = notebook["cells"] if "cells" in notebook else _cells_of_version_3(notebook)
        kept = size = 0
        for number, cell in enumerate(_listed(cells), start=1):
            if cell["cell_type"] != "code" or SKIP_TAG in _tags(cell):
                continue
            source = cell["source"] if "source" in cell else cell["input"]
            source = source if isinstance(source, str) else "".join(_listed(source))
            kept, size = kept + 1, size + len(source)
            if kept > MAX_CELLS:
                raise SubmissionProblem(f"{shown} has more than {MAX_CELLS:,} code cells; no more are read.")
            if size > MAX_CODE_BYTES:
                raise SubmissionProblem(
                    f"{shown} has more than {MAX_CODE_BYTES:,} characters of code; no more are read."
                )
            yield f"{shown}, cell {number}", without_magics(source)
    except ValueError as error:
        raise SubmissionProblem(f"{shown} is not a notebook: it is not JSON ({error}).") from error
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SubmissionProblem(f"{shown} is not a notebook: it has no list of cells as nbformat describes.") from error


def _cells_of_version_3(notebook: Any) -> list[Any]:
    return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]


def _tags(cell: Any) -> list[Any]:
    return _listed(cell.get("metadata", {}).get("tags", []))


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def without_magics(source: str) -> str:
    """The Python of a code cell: what only IPython understands is replaced by ``pass``, line by line."""
    lines = source.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%"):
        if not first.startswith(PYTHON_MAGICS):
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
    except _NOT_PARSED:
        return None
    return None


def _parse(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def _tree(label: str, source: str, *, tolerant: bool) -> ast.Module:
    try:
        return _parse(source)
    except SyntaxError as error:
        if tolerant:
            return ast.Module(body=[], type_ignores=[])  # reported when it is run, and does not stop the other cells
        line = f", line {error.lineno}" if error.lineno else ""
        text = (error.text or "").strip()[:_MOST_SHOWN]
        shown = f": {text}" if text else ""
        raise SubmissionProblem(f"{label}{line} is not Python ({error.msg}){shown}") from error
    except _NOT_PARSED as error:
        raise SubmissionProblem(f"{label} can't be read as Python: {str(error) or 'nested too deeply'}.") from error


def _bound_names(label: str, tree: ast.Module) -> list[tuple[str, int]]:
    try:
        return list(_bound_in(tree.body))
    except RecursionError as error:
        raise SubmissionProblem(f"{label} can't be read as Python: nested too deeply.") from error


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
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
