"""Whether what a run relies on is still what it was before the submission was loaded.

How it works: the names that the drive and the worker's own modules mention are looked up, in those modules, in torch
and in Python's modules, and what stands there is remembered. Later the same places are looked at again: those of the
drive and of tensors at every moment that is observed and whenever a function of the submission returns, all of them
once it is loaded and after every run. Only what is relied on counts: a submission may replace ``torch.allclose``, set
dtypes, seed generators, register hooks.

This finds what replaces functions and leaves them so. That it can't be found itself is the work of ``hiding``, that
functions keep their code is that of ``watching``.
"""

from __future__ import annotations

import builtins
import dis
import itertools
import operator
import sys
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch.utils._device import DeviceContext

from grader.execution.before import is_immutable
from grader.execution.codes import codes_of
from grader.execution.materials import CopiesFromMeta

# may be replaced: our code takes its own before any submission is there, or does without, or replaces it itself
_FREE = frozenset(
    {"manual_seed", "seed", "compile", "__eq__", "__ne__", "__hash__", "__repr__", "__str__", "__format__"}
)
# what syntax calls without mentioning it
_OPERATORS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
_OTHER_SYNTAX = ("neg", "lt", "le", "gt", "ge", "getitem", "setitem", "iter", "len", "bool", "float", "int", "index")
_OF_OBJECTS = ("call", "new", "init", "getattr", "getattribute", "setattr", "enter", "exit", "torch_function")
_CALLED_BY_SYNTAX = frozenset(
    f"__{name}__" for name in (*_OPERATORS, *(f"r{each}" for each in _OPERATORS), *_OTHER_SYNTAX, *_OF_OBJECTS)
)
_BEHIND_A_CALL = frozenset({"__call__", "_call_impl", "_wrapped_call_impl", "forward", "__getattribute__"})
_OF_EVERY_OBJECT = frozenset({"__class__", "__dict__", "__module__", "__delattr__"})

_READING = (torch.serialization, torch._weights_only_unpickler)  # what torch.load works by
_NO_HARM = (DeviceContext, CopiesFromMeta)  # a default device, and a mode of ours
Changed = Callable[[], str | None]
# taken before any submission is there
_BUILT_IN = vars(builtins)
_function_mode, _function_modes = torch._C._get_function_stack_at, torch._C._len_torch_function_stack
_dispatch_modes = torch._C._len_torch_dispatch_stack


class Mentioned(NamedTuple):
    """What the functions and methods of some modules mention: every name, and names that follow one another by dots."""

    names: frozenset[str]
    dotted: frozenset[tuple[str, ...]]


def mentioned(modules: Iterable[types.ModuleType]) -> Mentioned:
    """What some modules mention; before they are sealed."""
    names: set[str] = set()
    dotted: set[tuple[str, ...]] = set()
    for code in [code for module in modules for code in codes_of(module)]:
        names.update(code.co_names)
        chain: tuple[str, ...] = ()
        for step in dis.get_instructions(code):
            if step.opname == "LOAD_GLOBAL":
                chain = (step.argval,)
            elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and chain:
                chain = (*chain, step.argval)
                dotted.add(chain)
            else:
                chain = ()
    return Mentioned(frozenset(names - _FREE), frozenset(dotted))


class Integrity(NamedTuple):
    """Checks, each of which says what a submission did to what it found, as the end of a sentence that begins with "the
    submission", or ``None``.

    Attributes:
        quick: of what stands in the drive, of methods and attributes of tensors, and of what is left on.
        of_all: of everything that a run relies on, and of what is left on.
    """

    quick: Changed
    of_all: Changed


def remember(drive: types.ModuleType, others: Sequence[types.ModuleType], found: Mentioned) -> Integrity:
    """Remembers what stands behind the names that modules of the grader mention.

    Args:
        drive: classes of which are handed to submissions.
        others: modules of the grader that work beside a submission.
        found: what ``mentioned`` found in those that observe.
    """
    near, far = _Places(), _Places()
    near.add_module(drive)
    near.add_class(torch.Tensor, found.names)
    for module in others:
        far.add_module(module)
    for module in (drive, *others):
        for name, value in list(vars(module).items()):
            for each in value.values() if isinstance(value, dict) and not name.startswith("__") else (value,):
                far.add_class(each, found.names)
        for chain in found.dotted:
            far.add_chain(vars(module).get(chain[0]), chain[1:], found.names)
    far.add_class(DeviceContext, found.names)  # which may be left on
    if ("torch", "load") in found.dotted:
        for module in _READING:
            far.add_functions(module)
    far.add(builtins.__name__, _BUILT_IN, found.names & _BUILT_IN.keys())
    near_changed, far_changed = near.check(), far.check()
    return Integrity(lambda: near_changed() or left_on(), lambda: near_changed() or left_on() or far_changed())


class _Place(NamedTuple):
    """Names of one namespace, what stands there, and those that nothing may come to stand behind."""

    label: str
    namespace: Mapping[str, Any]
    there: tuple[str, ...]
    kept: tuple[Any, ...]
    absent: tuple[str, ...]


class _Places:
    """Places where something stands, each with a label for messages."""

    def __init__(self) -> None:
        self._places: list[_Place] = []
        self._whole: list[tuple[str, Any, int]] = []
        self._seen: set[int] = set()
        self._of_modules: dict[str, set[str]] = {}  # names that are reached, by module

    def add(self, label: str, namespace: Mapping[str, Any], names: Iterable[str]) -> None:
        """A namespace, and which of its names to look at."""
        there = tuple(sorted(name for name in names if name in namespace))
        absent = tuple(sorted(name for name in names if name not in namespace))
        self._places.append(_Place(label, namespace, there, tuple(map(namespace.__getitem__, there)), absent))

    def add_module(self, module: types.ModuleType) -> None:
        """A module of the grader's, with all that it defines; nothing may be added to its classes."""
        label = module.__name__
        held = {name: value for name, value in vars(module).items() if not name.startswith("__")}
        self.add(label, vars(module), [name for name, value in held.items() if value is not _BUILT_IN.get(name)])
        for name, value in held.items():
            if isinstance(value, dict):
                self.add(f"{label}.{name}", value, [key for key in value if isinstance(key, str)])
            elif isinstance(value, type) and value.__module__ == module.__name__:
                self.add(f"{label}.{name}", vars(value), vars(value).keys() - {"__dict__", "__weakref__"})
                self._whole.append((f"{label}.{name}", vars(value), len(vars(value))))

    def add_functions(self, module: types.ModuleType) -> None:
        """All functions and classes that stand in a module of torch."""
        kinds = (types.FunctionType, types.BuiltinFunctionType, type)
        self.add(module.__name__, vars(module), [name for name, value in vars(module).items() if type(value) in kinds])

    def add_chain(self, value: Any, chain: Sequence[str], names: frozenset[str]) -> None:
        """What is reached by names that follow one another, from a module that isn't the grader's."""
        for name in chain:
            if not isinstance(value, types.ModuleType) or name not in vars(value) or name in _FREE:
                return
            if sys.modules.get(value.__name__) is value:  # a copy of ours is changed by nobody
                self._of_modules.setdefault(value.__name__, set()).add(name)
            value = vars(value)[name]
            self.add_class(value, names)

    def add_class(self, value: Any, names: frozenset[str]) -> None:
        """A class of torch, with those of its methods that are called by ``names`` or by syntax."""
        if not (isinstance(value, type) and _of_torch(value)) or id(value) in self._seen:
            return
        for base in value.__mro__:
            if _of_torch(base) and id(base) not in self._seen and not is_immutable(base):
                self._seen.add(id(base))
                there = dir(base) if base is torch.Tensor else vars(base)
                used = (names | _CALLED_BY_SYNTAX) & {*there} | _BEHIND_A_CALL
                self.add(_spelled(base), vars(base), used - _FREE - _OF_EVERY_OBJECT)

    def check(self) -> Changed:
        """A function that looks at all of it again."""
        for module, names in self._of_modules.items():
            self.add(module, vars(sys.modules[module]), names)
        places, whole = tuple(self._places), tuple(self._whole)
        # all places in a few calls of C, as this happens after every run; two names make a tuple of what is picked
        picked = [each for each in places if each.there]
        picks = [operator.itemgetter(*each.there, each.there[0]) for each in picked]
        spaces = [each.namespace for each in picked]
        kept = [value for each in picked for value in (*each.kept, each.kept[0])]
        awaited = [each for each in places if each.absent]
        looks_for_new = [each.namespace.keys().isdisjoint for each in awaited]
        absent = [each.absent for each in awaited]
        classes, sizes = [namespace for _, namespace, _ in whole], [size for *_, size in whole]
        # taken here, so that replacing the built-in functions blinds nothing
        every, each_of, same, count, gone = all, map, operator.is_, len, KeyError
        call, in_a_row, equal = operator.call, itertools.chain.from_iterable, operator.eq

        def changed() -> str | None:
            try:
                if (
                    every(each_of(same, in_a_row(each_of(call, picks, spaces)), kept))
                    and every(each_of(call, looks_for_new, absent))
                    and every(each_of(equal, each_of(count, classes), sizes))
                ):
                    return None
            except gone:
                pass
            return _in_use(_first_changed(places, whole))

        return changed


def _first_changed(places: Iterable[_Place], whole: Iterable[tuple[str, Any, int]]) -> str:
    for place in places:
        for name, before in zip(place.there, place.kept, strict=True):
            if place.namespace.get(name) is not before:
                return f"{place.label}.{name}"
        for name in place.absent:
            if name in place.namespace:
                return f"{place.label}.{name}"
    return next((label for label, namespace, size in whole if len(namespace) != size), "something for a moment")


def _of_torch(value: Any) -> bool:
    """Whether it is a module or a class of torch."""
    name = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
    return isinstance(value, types.ModuleType | type) and str(name).split(".")[0] == "torch"


def _spelled(kind: type) -> str:
    """A class of torch as a person would write it."""
    module = "torch.nn" if kind.__module__.startswith("torch.nn.") else kind.__module__
    return f"{module}.{kind.__qualname__}"


def _in_use(what: str) -> str:
    return f"replaced {what}, which the grader uses: leave what belongs to torch, Python and the grader as it is"


def left_on() -> str | None:
    """What was switched on and left on, and would see or change what the grader does next."""
    modes = [_function_mode(index) for index in range(_function_modes())]
    if _dispatch_modes() or any(type(mode) not in _NO_HARM for mode in modes):
        return "left a mode of torch on, which changes what the grader computes: use it in a with statement"
    return None
