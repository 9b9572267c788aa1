"""Puts what is the grader's where a submission in the same process can't reach it by any attribute.

How it works: a function of Python shows its globals and its closure, a method its object, and every class is found from
``object``. So what a submission can get hold of is **sealed**: called through an object of C that shows nothing of
what it calls. What only ``sys.modules`` knows is taken out of it. What a submission may replace, functions that are
built in or stand in a module of torch or Python, our modules have as it was; and functions that would hand out what is
hidden are stood in for.

What is left are looks into the interpreter, which ``watching`` refuses, and raw memory.
"""

from __future__ import annotations

import _imp
import _signal  # type: ignore[import-not-found]
import builtins
import copyreg
import ctypes
import functools
import gc
import inspect
import linecache
import sys
import traceback
import types
import weakref
from collections.abc import Callable, Iterable
from gc import get_objects
from typing import Any

import torch
from torch import Tensor, nn

from grader.execution.before import IMMUTABLE

_DYNAMO = ("torch._C._dynamo.eval_frame", "torch._dynamo.eval_frame", "torch._dynamo.decorators")
_TO_BE_FOUND = (torch.Tensor, nn.Module, torch.optim.Optimizer)  # what holds others could hold what is ours

_FLAGS_AT = 21 * ctypes.sizeof(ctypes.c_void_p)  # of PyTypeObject.tp_flags, since Python 3.8
_SEEING = (
    ("settrace", sys.gettrace),
    ("setprofile", sys.getprofile),
    ("_settraceallthreads", sys.gettrace),
    ("_setprofileallthreads", sys.getprofile),
)
# parts of the keys of kernels that torch itself brings with modules which are imported late; none is for plain tensors
_LATE_KERNELS = ("Meta", "CUDA", "MPS", "XPU", "HPU", "FuncTorch")

# taken before any submission is there
_note_slots = copyreg._slotnames  # type: ignore[attr-defined]
_dispatch_library = torch._C._dispatch_library
_reference, _from_list = weakref.ref, traceback.StackSummary.from_list
_ours: dict[int, weakref.ref[Tensor]] = {}  # tensors that are not to be found, by their identity
_create_builtin, _set_debug, _on_signal = _imp.create_builtin, gc.set_debug, _signal.signal
_set_eval_frame = getattr(sys.modules.get(_DYNAMO[0]), "set_eval_frame", None)


def sealed(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, of which nothing can be seen or changed: no code, globals or closure, and not its object.

    A drive uses it for what it hands to a submission, such as hooks and what a model calls.
    """
    # a cache that keeps nothing: the plainest object of Python that holds a function and does not show it
    shell: Any = functools._lru_cache_wrapper(function, 0, False, tuple)  # type: ignore[call-arg]
    shell.__wrapped__ = None  # which torch._dynamo asks every cache for when it is imported
    return shell  # type: ignore[no-any-return]


def refuse_compilers() -> None:
    """Puts what says that there is no compiler in the place of ``torch.compile``."""
    real: Any = sys.modules  # of which this module has copies
    real["torch"].compile = nn.Module.compile = no_compiler  # type: ignore[method-assign]


def seal_ours() -> None:
    """Seals what this process has of the grader."""
    seal([each for name, each in sys.modules.items() if name.startswith("grader.")])


def hide(drive: types.ModuleType) -> None:
    """Hides the drive, and what ``seal_ours`` has sealed, before a submission is loaded."""
    _stand_in()
    _forget("grader")
    sys.modules.pop("__mp_main__", None)
    sys.modules["grader"] = None  # type: ignore[assignment]  # an import of it then raises ModuleNotFoundError
    sys.modules["__main__"] = types.ModuleType("__main__")
    # classes of what a submission is given are looked up when that is pickled
    seen = sys.modules[drive.__name__] = types.ModuleType(drive.__name__)
    vars(seen).update({name: value for name, value in vars(drive).items() if isinstance(value, type)})


def _forget(name: str) -> None:
    # not by going through all of sys.modules: whoever holds a name counts it, in the memory where the name is, and
    # would so be given a copy of all memory in which two thousand names are
    module = sys.modules.pop(name, None)
    if hasattr(module, "__path__"):
        for inner in vars(module):
            _forget(f"{name}.{inner}")


def seal(modules: Iterable[types.ModuleType]) -> None:
    """Seals the classes of some modules, into which nothing can be put from then on."""
    kinds: dict[type, None] = {}
    for module in modules:
        for kind in [each for each in vars(module).values() if isinstance(each, type)]:
            if kind.__module__ == module.__name__:
                # a class with slots has a twin, of which dataclasses made it
                bases: tuple[Any, ...] = kind.__bases__
                beside = {each for base in bases for each in type.__subclasses__(base)}
                kinds |= dict.fromkeys([kind, *(twin for twin in beside if twin.__module__ == kind.__module__)])
    for kind in kinds:
        _seal_class(kind)
        _note_slots(kind)  # in the class; else the first copy or pickle of an object of it would
    for kind in kinds:
        _make_immutable(kind)


def equip(modules: Iterable[types.ModuleType]) -> None:
    """Gives modules of ours their own copies of the modules that they mention, and the built-in functions."""
    copies: dict[str, types.ModuleType] = {}
    built_in = {name: value for name, value in vars(builtins).items() if not name.startswith("_")}
    for module in modules:
        for name, value in list(vars(module).items()):
            if type(value) is types.ModuleType and not name.startswith("__"):
                if value.__name__ not in copies:
                    copies[value.__name__] = types.ModuleType(value.__name__)
                    vars(copies[value.__name__]).update(vars(value))
                setattr(module, name, copies[value.__name__])
        vars(module).update({name: value for name, value in built_in.items() if name not in vars(module)})


def _seal_class(kind: type) -> None:
    if kind.__bases__ == (tuple,) and "_fields" in vars(kind):
        return  # a namedtuple, whose methods are of collections
    for name, value in list(vars(kind).items()):
        if isinstance(value, types.FunctionType):
            method: Any = sealed(value)
            if name == "forward":
                method.__signature__ = inspect.signature(value)  # which a submission may want to see of a model
            setattr(kind, name, method)
        elif isinstance(value, staticmethod | classmethod) and isinstance(value.__func__, types.FunctionType):
            setattr(kind, name, type(value)(sealed(value.__func__)))
        elif isinstance(value, property):
            get, put, drop = (each and sealed(each) for each in (value.fget, value.fset, value.fdel))
            setattr(kind, name, property(get, put, drop))
        elif isinstance(value, functools.cached_property) and isinstance(value.func, types.FunctionType):
            value.func = sealed(value.func)


def _make_immutable(kind: type) -> None:
    """Has nobody put anything into a class, nor make its objects those of another one, as with Python's own classes."""
    flags = ctypes.c_ulong.from_address(id(kind) + _FLAGS_AT)
    if flags.value == kind.__flags__:  # else this Python keeps them elsewhere
        flags.value |= IMMUTABLE


def _stand_in() -> None:
    """Replaces functions that would hand out what is hidden, each by one that does what honest code wants of it."""
    real: Any = sys.modules  # of which this module has copies
    real["gc"].get_objects = sealed(_find)
    real["gc"].set_debug = sealed(lambda flags: _set_debug(flags & ~gc.DEBUG_SAVEALL))
    # nothing that is kept is to be hidden from who counts it
    real["gc"].freeze = real["gc"].unfreeze = sealed(lambda: None)
    _collect_when_asked(real["gc"])
    real["traceback"].extract_stack = sealed(functools.partial(_extract_stack, real["traceback"].extract_stack))
    real["_signal"].signal = sealed(_no_handler)
    real["_imp"].create_builtin = sealed(_no_second)
    real["torch._C"]._dispatch_library = sealed(_no_kernels)
    for name, current in _SEEING:
        if hasattr(sys, name):
            setattr(real["sys"], name, sealed(functools.partial(_as_it_is, name, current)))
    for name in _DYNAMO:
        for function in ("set_eval_frame", "_maybe_set_eval_frame"):
            if getattr(sys.modules.get(name), function, None) is _set_eval_frame is not None:
                setattr(sys.modules[name], function, sealed(_no_callback))


def _no_compiler(*args: Any, **kwargs: Any) -> Any:
    """Stands for ``torch.compile`` and ``nn.Module.compile``."""
    raise RuntimeError(
        "torch.compile is not available while grading: it starts a compiler. "
        "Leave it out; the function or module itself computes the same."
    )


def _find(generation: int | None = None) -> list[Any]:
    """Stands for ``gc.get_objects``: tensors, modules and optimizers, no copies of ours, nothing that leads further."""
    return [each for each in get_objects(generation) if issubclass(type(each), _TO_BE_FOUND) and id(each) not in _ours]


def unfindable(tensor: Tensor) -> Tensor:
    """The same tensor, which ``gc.get_objects`` doesn't give to a submission: copies are not for it to change."""
    number = id(tensor)
    _ours[number] = _reference(tensor, sealed(lambda _: _ours.pop(number, None)))
    return tensor


def _extract_stack(real: Callable[..., Any], f: Any = None, limit: int | None = None) -> Any:
    """Stands for ``traceback.extract_stack``, by which torch notes where each node of a graph is made, if asked to.

    That is thousands of times (``detect_anomaly``), and whether a library may look takes long to say.
    """
    if f is not None or limit is not None:
        return real(f, limit)
    told: list[tuple[str, int, str, str]] = []
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None:
        file, line = frame.f_code.co_filename, frame.f_lineno
        told.append((file, line, frame.f_code.co_name, _line_of(file, line)))
        frame = frame.f_back
    return _from_list(told[::-1])


def _line_of(file: str, number: int) -> str:
    known = linecache.cache.get(file, ())  # as it is, for to read a file that can't be seen from here takes long, too
    lines = known[2] if type(known) is tuple and len(known) == 4 and type(known[2]) is list else []
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    return line.strip() if type(line) is str else ""


def _no_handler(number: int, handler: Any) -> Any:
    """Stands for ``signal.signal``: a handler of Python would be given a frame, which leads to the grader."""
    if callable(handler) and handler is not _signal.default_int_handler:
        raise RuntimeError("Signal handlers are not available while grading. Leave signal.signal out.")
    return _on_signal(number, handler)


def _collect_when_asked(collector: Any) -> None:
    """Has garbage collected by who asks for it alone; what says whether it is by itself answers as it is told."""
    told: dict[str, Any] = {"on": True, "thresholds": gc.get_threshold()}
    collector.enable = sealed(lambda: told.update(on=True))
    collector.disable = sealed(lambda: told.update(on=False))
    collector.isenabled = sealed(lambda: told["on"])
    collector.set_threshold = sealed(
        lambda *counts: told.update(thresholds=(*counts, *told["thresholds"][len(counts) :]))
    )
    collector.get_threshold = sealed(lambda: told["thresholds"])


def _no_kernels(kind: str, namespace: str, key: str, *where: Any) -> Any:
    """Stands for what ``torch.library`` works by, with which torch's functions could be made to compute anything."""
    namespace, key = str.__add__("", namespace), str.__add__("", key)  # plain texts, whatever they were
    if namespace == "aten" and not any(map(key.__contains__, _LATE_KERNELS)):
        raise RuntimeError(
            "torch.library can't replace what torch's own functions compute while grading: the grader uses them. "
            "Leave it out."
        )
    return _dispatch_library(kind, namespace, key, *where)


def _as_it_is(name: str, current: Callable[[], Any], function: Any) -> None:
    """Stands for ``sys.settrace`` and its like, with which libraries only put back what there was."""
    if function is not current():
        raise RuntimeError(
            f"sys.{name} is not available while grading: it would see all that the grader does. Leave it out; "
            "cProfile shows where time goes."
        )


def _no_second(spec: Any) -> Any:
    """Stands for ``_imp.create_builtin``, which would make a second module with what was stood in for."""
    name = str.__add__("", spec.name)  # a plain text, whatever it was
    if name in _BUILT_IN_BEFORE:
        raise ImportError(f"{name} can't be imported a second time while grading.")
    return _create_builtin(types.SimpleNamespace(name=name))  # type: ignore[arg-type]


def _no_callback(callback: Any) -> Any:
    """Stands for what ``torch.compile`` works by: a function that is given the frames of all that is called."""
    return _set_eval_frame(callback) if callback is None or callback is False else _no_compiler()  # type: ignore[misc]


no_compiler = sealed(_no_compiler)
_BUILT_IN_BEFORE = frozenset(name for name in sys.builtin_module_names if name in sys.modules)
