"""Runs a submission's source as a module inside a worker, and says where in it an error arose.

A submission arrives as text: files, each a list of blocks (a .py is one block, a notebook one a code cell). Nothing
is read from disk. The other files of a folder can be imported, as if the folder of the main file, the whole, and every
other folder in it were on Python's path in this order; their names never hide an installed package, for the finder that
serves them stands last.

What is imported and is not there (for plots, say) costs nothing until it is used: see ``Absent``.
"""

from __future__ import annotations

import ast
import asyncio
import codeop
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import linecache
import marshal
import sys
import types
from collections.abc import Mapping, Sequence
from typing import Any

from grader.execution.observation import MAX_NAME, names_of_types, safe_text

_MAX_FRAMES = 5_000
_MAX_ERRORS = 50  # of cells; with more, an answer could be larger than the grader reads
_SYNTAX_ERRORS = (SyntaxError, IndentationError, TabError)
_ASKING = (ast.Try, ast.TryStar, ast.With)  # what an import in them is for: to do otherwise where it fails
# past what a class of a submission says in their place
_traceback, _set_traceback = (getattr(BaseException.__dict__["__traceback__"], name) for name in ("__get__", "__set__"))


class Code:
    """What the grader sent: files of blocks, which of them is the main one, and where its names are found.

    Args:
        data: all that.
        compiled: blocks that the grader has compiled, by label.
    """

    def __init__(self, data: Mapping[str, Any], compiled: Mapping[str, bytes | None]) -> None:
        self._compiled = compiled
        self.files: dict[str, list[dict[str, Any]]] = {file["name"]: file["blocks"] for file in data["files"]}
        self.main: str = data["main"]
        self.namespace: str | None = data["namespace"]
        self.tolerant: bool = data["tolerant"]
        self._ours: bool = data["ours"]
        self.absent: set[str] = set()  # modules that were imported and are not there
        self.labels = {block["label"] for blocks in self.files.values() for block in blocks}
        for blocks in self.files.values():
            for block in blocks:
                lines = block["source"].splitlines(keepends=True)
                linecache.cache[block["label"]] = (len(block["source"]), None, lines, block["label"])

    def load(self) -> tuple[Any, list[dict[str, Any]]]:
        """Executes the main file.

        Returns:
            The object whose attributes are the entry points, and the errors of the blocks that failed (more than
            none only where the file is a notebook: there the rest still runs).

        Raises:
            BaseException: whatever the submission raised, where it is not a notebook.
        """
        sys.meta_path.append(_Beside(self))
        folders, name = _split(self.main)
        package = ".".join((_WHOLE, *folders))
        if folders and not self.tolerant and _can_be_imported(package):
            return importlib.import_module(f"{package}.{name}"), []
        module = types.ModuleType(name)
        module.__package__ = package
        sys.modules.setdefault(module.__name__, module)
        errors = self.execute(self.main, module)
        return (getattr(module, self.namespace) if self.namespace else module), errors

    def execute(self, name: str, module: types.ModuleType) -> list[dict[str, Any]]:
        """Runs the blocks of one file in ``module``; see ``load``."""
        module.__file__ = name
        if not self._ours and any("get_ipython" in block["source"] for block in self.files[name]):
            vars(module)["get_ipython"] = Absent("IPython")  # notebooks that were saved as a .py are full of it
        errors: list[dict[str, Any]] = []
        cells = _Cells(module.__dict__, self.absent) if self.tolerant and name == self.main else None
        for block in self.files[name]:
            try:
                if cells is not None:
                    cells.run(block["source"], block["label"])
                else:
                    exec(code_of(block["source"], block["label"], self._compiled), module.__dict__)
            except BaseException as error:
                if cells is None:
                    raise
                if len(errors) < _MAX_ERRORS:
                    errors.append({"block": block["label"], **describe(error, self.labels)})
        return errors

    def may_do_without(self, label: str, line: int) -> bool:
        """Whether a line of a submission imports without asking whether that is there."""
        if self._ours or label not in self.labels:
            return False
        sources = (block["source"] for blocks in self.files.values() for block in blocks if block["label"] == label)
        return not any(
            isinstance(node, _ASKING) and node.lineno <= line <= (node.end_lineno or line)
            for node in ast.walk(ast.parse(next(sources)))
        )


class Absent(types.ModuleType):
    """Stands for a module that is not there, or for something from it, where a submission imports it without asking.

    In statements of a module it may be called and looked into, which does nothing (``plt.style.use("dark")``), and what
    it decorates stays what it is. All else, and any use in a function, raises ``ModuleNotFoundError``.
    """

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return Absent(f"{self.__name__}.{name}")

    def __call__(self, *args: Any, **named: Any) -> Any:
        used_in_a_module(self)
        decorates = len(args) == 1 and not named and isinstance(args[0], types.FunctionType | type)
        return args[0] if decorates else self

    def __getitem__(self, key: Any) -> Absent:
        return used_in_a_module(self)

    def __setitem__(self, key: Any, value: Any) -> None:
        used_in_a_module(self)

    def __or__(self, other: Any) -> Absent:
        return used_in_a_module(self)

    def __ror__(self, other: Any) -> Absent:
        return used_in_a_module(self)

    def __iter__(self) -> Any:
        used(self)

    def __enter__(self) -> Any:
        used(self)

    def __exit__(self, *error: object) -> None:
        used(self)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> Any:
        used(self)

    def __instancecheck__(self, value: Any) -> bool:
        return False


def used(value: Any) -> None:
    """Raises ``ModuleNotFoundError`` where a value is one that is not there."""
    if type(value) is Absent:
        name = value.__name__.partition(".")[0]
        raise ModuleNotFoundError(f"No module named {name!r}: it is neither installed here nor handed in", name=name)


def used_in_a_module(absent: Absent) -> Absent:
    """The same, unless a statement of a module does so."""
    if sys._getframe(2).f_code.co_name != _OF_A_MODULE:
        used(absent)
    return absent


_OF_A_MODULE = "<module>"


def code_of(source: str, label: str, compiled: Mapping[str, bytes | None]) -> types.CodeType:
    """A source as code: as the grader has compiled it, else compiled now. Raises what ``compile`` raises."""
    ready = compiled.get(label)
    return compile(source, label, "exec", dont_inherit=True) if ready is None else marshal.loads(ready)


class _Cells:
    """Runs the cells of a notebook as IPython does: statement by statement, so that those before a wrong one count.

    ``from __future__`` may stand anywhere and holds from there on, and ``await`` needs no function around it.
    """

    def __init__(self, namespace: dict[str, Any], absent: set[str]) -> None:
        self._namespace = namespace
        self._absent = absent
        namespace["display"] = print
        self._compile = codeop.Compile()  # remembers what of __future__ is in force
        self._compile.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

    def run(self, source: str, label: str) -> None:
        """Runs one cell. Raises whatever it raises."""
        for statement in ast.parse(source, label).body:
            code = self._compile(ast.Module([statement], []), label, "exec")  # type: ignore[arg-type]
            result = eval(code, self._namespace)
            for name in self._absent:  # another statement may ask whether it is there
                sys.modules.pop(name, None)
            if code.co_flags & inspect.CO_COROUTINE:
                asyncio.run(result)


class _Beside(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the other files of a submission by name, after everything that is installed."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._files: dict[str, str] = {}  # by the names of modules
        self._packages = {_WHOLE}
        places = {name: (*folders, module) for name in code.files for folders, module in [_split(name)]}
        own, _ = _split(code.main)
        for root in (own, (), *sorted({place[:-1] for place in places.values()})):
            for name, place in places.items():
                if place[: len(root)] == root:
                    self._add(place[len(root) :], name)
        for name, place in places.items():
            self._add((_WHOLE, *place), name)

    def _add(self, place: tuple[str, ...], name: str) -> None:
        self._files.setdefault(".".join(place[:-1] if place[-1] == "__init__" else place), name)
        self._packages.update(".".join(place[:end]) for end in range(1, len(place)))

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname in self._files or fullname in self._packages:
            return importlib.util.spec_from_loader(fullname, self, is_package=fullname in self._packages)
        if self._code.may_do_without(*_asks()):
            self._code.absent.add(fullname)
            return importlib.util.spec_from_loader(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        return Absent(spec.name) if spec.name in self._code.absent else None

    def exec_module(self, module: types.ModuleType) -> None:
        if module.__name__ in self._files:
            self._code.execute(self._files[module.__name__], module)


_WHOLE = "<submission>"  # what a file that lies in no folder is in, where it imports by a leading dot


def _asks() -> tuple[str, int]:
    """The file and line of the statement of a module that has a module looked for; an empty text where none has."""
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    if frame is None or frame.f_code.co_name != _OF_A_MODULE:
        return "", 0
    return frame.f_code.co_filename, frame.f_lineno


def _can_be_imported(package: str) -> bool:
    """Whether a file may be run as a part of the package in which it lies; otherwise it is run as a script is."""
    try:
        importlib.import_module(package)
    except Exception:
        return False
    return True


def _split(file: str) -> tuple[tuple[str, ...], str]:
    """The folders in which a file lies, and the name of its module."""
    *folders, name = file.split("/")
    return tuple(folders), name.rpartition(".")[0] or name


def describe(error: BaseException, labels: set[str], beside: str | None = None) -> dict[str, Any]:
    """An error as JSON: type, text, and the last place in the submission that it went through.

    Where code of the course runs, the drive ``beside`` it is told as well: its line, if it was the last of the two.
    """
    where: dict[str, Any] = {"file": None, "line": None, "function": None}
    drive: dict[str, Any] = {}
    traceback = _traceback(error)
    for _ in range(_MAX_FRAMES):
        if traceback is None:
            break
        frame = traceback.tb_frame.f_code
        if frame.co_filename in labels:
            where = {"file": frame.co_filename, "line": traceback.tb_lineno, "function": frame.co_name[:MAX_NAME]}
            drive = {}
        elif frame.co_filename == beside:
            drive = {"drive": {"line": traceback.tb_lineno, "function": frame.co_name[:MAX_NAME]}}
        traceback = traceback.tb_next
    # of another class, or set by hand, its attributes may be anything
    if any(type(error) is each for each in _SYNTAX_ERRORS) and isinstance(error, SyntaxError):
        file, line = error.filename, error.lineno
        if type(file) is str and file in labels and type(line) is int:
            where = {"file": file, "line": line, "function": None}
    _set_traceback(error, None)  # in it are frames of the grader, and the submission's own __str__ is called next
    return {"types": names_of_types(error), "text": safe_text(error), **where, **drive}
