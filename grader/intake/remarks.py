"""What no exercise needs, found in code as text: for whoever gives the marks to read.

A submission shares its process with what observes it, and one that writes into memory could make that see anything, of
which nothing in the process would tell. But how it does so stands in its text. So it is pointed out, costs no points,
and is for a person to judge; and what keeps a person from reading it (code in a text, say) is pointed out as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# what follows the word in a sentence
_MEMORY = "reaches memory that is not the submission's own"
_PYTHON = "looks into Python itself"
_HIDES = "can run code that does not stand there to be read"
_TORCH = "stands between torch and what torch does"
_LATER = "does something after a call has returned"
_MEASURES = "changes how memory is measured"
_OUTSIDE = "reaches out of the process"
_TELLS = "can tell that it is graded"
_REPLACES = "is a library's, and is replaced"
_TABLE = "in one place could be answers"

_OF_MODULE = {
    **dict.fromkeys(("_ctypes", "cffi", "ctypes", "mmap"), _MEMORY),
    **dict.fromkeys(("base64", "importlib", "marshal", "runpy", "zlib"), _HIDES),
    **dict.fromkeys(("_thread", "atexit", "signal"), _LATER),
    **dict.fromkeys(("_tracemalloc", "tracemalloc"), _MEASURES),
    **dict.fromkeys(("fcntl", "multiprocessing", "requests", "resource", "socket", "subprocess", "urllib"), _OUTSIDE),
    "grader": _TELLS,
}
_OF_PATH = {"sys.modules": _PYTHON, "torch._C": _TORCH, "torch.library": _TORCH}
_OF_WORD = {
    **dict.fromkeys(("__array_interface__", "__array_struct__", "check_invariants", "from_address"), _MEMORY),
    **dict.fromkeys(("ctypeslib", "stride_tricks"), _MEMORY),
    **dict.fromkeys(("_current_frames", "_getframe", "currentframe", "f_back", "f_globals", "f_locals"), _PYTHON),
    **dict.fromkeys(("ag_frame", "cr_frame", "gi_frame", "tb_frame", "setprofile", "settrace"), _PYTHON),
    **dict.fromkeys(("__closure__", "__code__", "__globals__", "__subclasses__", "cell_contents"), _PYTHON),
    **dict.fromkeys(("get_objects", "get_referents", "get_referrers", "addaudithook"), _PYTHON),
    **dict.fromkeys(("CodeType", "FunctionType", "__builtins__", "__import__", "import_module"), _HIDES),
    **dict.fromkeys(("__torch_dispatch__", "__torch_function__", "TorchDispatchMode", "TorchFunctionMode"), _TORCH),
    **dict.fromkeys(("_make_subclass", "_make_wrapper_subclass", "saved_tensors_hooks"), _TORCH),
    **dict.fromkeys(("Thread", "ThreadPoolExecutor", "__del__", "start_new_thread"), _LATER),
    **dict.fromkeys(("set_threshold", "setswitchinterval"), _MEASURES),
    **dict.fromkeys(("fork", "getppid", "memfd_create", "system"), _OUTSIDE),
    **dict.fromkeys(("environ", "getenv"), _TELLS),
}
_CALLED = ("compile", "eval", "exec")  # as functions of Python; those of torch, re and modules are others
_TENSORS = ("Tensor", "torch.Tensor", "nn.Parameter", "torch.nn.Parameter")
_SETTINGS = frozenset({"backends", "rcParams", "options"})  # parts of libraries that are there to be set
_OFTEN_ASKED = frozenset({"torch", "nn", "F"})  # for a module or a function by its name, in good faith
_MANY = 150  # numbers in one literal
_MOST = 20  # remarks on one file


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """What to look at.

    Attributes:
        where: file and line, or cell and line.
        what: stands there.
        why: it matters, as the rest of a sentence that begins with it.
    """

    where: str
    what: str
    why: str


def remarks_on(blocks: Iterable[tuple[str, ast.Module]]) -> tuple[Remark, ...]:
    """What to look at in a file, by its blocks under their labels; each thing once, where it stands first."""
    found: dict[tuple[str, str], Remark] = {}
    for label, tree in blocks:
        libraries = _libraries(tree)
        for node in ast.walk(tree):
            for what, why in _seen_in(node, libraries):
                if len(found) < _MOST:
                    where = f"{label}, line {getattr(node, 'lineno', 1)}"
                    found.setdefault((what, why), Remark(where=where, what=what, why=why))
    return tuple(found.values())


def _seen_in(node: ast.AST, libraries: frozenset[str]) -> Iterator[tuple[str, str]]:
    modules, words = _mentioned(node)
    yield from ((name, _OF_MODULE[name]) for name in modules if name in _OF_MODULE)
    yield from ((word, _OF_WORD[word]) for word in words if word in _OF_WORD)
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in _CALLED:
            yield name, _HIDES
        case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[target, *_]) if _of_library(target, libraries):
            yield _spelt(target), _REPLACES
        case ast.Call(func=ast.Name(id="getattr"), args=[target, ast.expr() as name, *_]) if not isinstance(
            name, ast.Constant
        ) and _of_library(target, libraries - _OFTEN_ASKED):
            yield f"getattr of {_spelt(target)} by a name that is put together", _HIDES
        case ast.Call(func=ast.Name(id="vars"), args=[target]) | ast.Attribute(value=target, attr="__dict__") if (
            _of_library(target, libraries)
        ):
            yield f"the dict of {_spelt(target)}", _HIDES
        case ast.Attribute(attr="__class__", ctx=ast.Store()) | ast.FunctionDef(name="__class__"):
            yield "__class__", _TORCH
        case ast.ClassDef(bases=bases) if any(_spelt(base) in _TENSORS for base in bases):
            yield "a class of tensors", _TORCH
        case ast.Constant(value=str(text)) if text.startswith("/proc/"):
            yield "/proc", _OUTSIDE
        case ast.Attribute() if (path := _spelt(node)) in _OF_PATH:
            yield path, _OF_PATH[path]
        case ast.Attribute(ctx=ast.Store() | ast.Del()) if _of_library(node, libraries):
            yield _spelt(node), _REPLACES
        case ast.List(elts=inside) | ast.Tuple(elts=inside) | ast.Dict(values=inside):
            if (numbers := sum(map(_is_number, inside))) > _MANY:
                yield f"{numbers} numbers", _TABLE


def _mentioned(node: ast.AST) -> tuple[list[str], list[str]]:
    """Modules that are imported, and words: names, attributes, and texts by which one could be asked for."""
    match node:
        case ast.Import(names=names):
            return [each.name.partition(".")[0] for each in names], [
                part for each in names for part in each.name.split(".")
            ]
        case ast.ImportFrom(module=str(module), level=0, names=names):
            return [module.partition(".")[0]], [*module.split("."), *(each.name for each in names)]
        case ast.Attribute(attr=name) | ast.Name(id=name) | ast.FunctionDef(name=name) | ast.keyword(arg=str(name)):
            return [], [name]
        case ast.Constant(value=str(name)):
            return [], [name]
    return [], []


def _libraries(tree: ast.Module) -> frozenset[str]:
    """Names by which modules, and what is in them, are imported at the top."""
    return frozenset(
        (each.asname or each.name).partition(".")[0]
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for each in node.names
    )


def _of_library(node: ast.expr, libraries: frozenset[str]) -> bool:
    """Whether it is a part of something that was imported, and not a setting of it."""
    while isinstance(node, ast.Attribute):
        if node.attr in _SETTINGS:
            return False
        node = node.value
    return isinstance(node, ast.Name) and node.id in libraries


def _spelt(node: ast.expr) -> str:
    return f"{_spelt(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)
