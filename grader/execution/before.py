"""What there was before a submission was loaded: classes, what makes their objects, and what stands in modules.

A class that comes later is the submission's own: it may say what it likes of itself and of what its objects hold, even
that it is another class. So what was there is known here by where it is in memory.
"""

from __future__ import annotations

import gc
import operator
import sys
import types
from collections import deque
from collections.abc import Mapping
from typing import Any

# whose objects keep what they are made with, as do those of what is derived from them
_KEEPING = (BaseException, tuple, list, dict, set, deque)
_MAKING = ("__call__", "__new__", "__init__")
mro, namespace_of = type.__dict__["__mro__"].__get__, type.__dict__["__dict__"].__get__
_flags, IMMUTABLE = type.__dict__["__flags__"].__get__, 1 << 8  # Py_TPFLAGS_IMMUTABLETYPE, since Python 3.10
# by id, with what it is the id of, so that it is no other's
_classes: dict[int, tuple[type, tuple[Any, ...]]] = {}
_spaces: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}
_values: set[int] = set()
_fixed: set[int] = set()  # ids of classes that nobody can change, nor what they are derived from


def note() -> None:
    """Notes what there is by now and was not there when it was noted last; before a submission is loaded."""
    gc.collect()  # what is frozen after this stays, and garbage of torch's (copies of sys.modules) leads to the grader
    seen: set[int] = set()
    waiting: list[type] = [object]
    while waiting:
        kind = waiting.pop()
        if id(kind) not in seen:
            seen.add(id(kind))
            waiting += type.__subclasses__(kind)
            if id(kind) not in _classes:
                _classes[id(kind)] = kind, _making(kind)
                if all(map(is_immutable, (*mro(kind), *mro(type(kind))))):
                    _fixed.add(id(kind))
    for module in [*sys.modules.values()]:
        if type(module) is types.ModuleType and id(vars(module)) not in _spaces:
            held = dict(vars(module))
            _spaces[id(vars(module))] = vars(module), held
            _values.update(map(id, held.values()))
    _spaces[id(sys.modules)] = sys.modules, dict(sys.modules)


def was_there(kind: type) -> bool:
    """Whether a class was there before."""
    return id(kind) in _classes


def is_immutable(kind: type) -> bool:
    """Whether nobody can put anything into a class."""
    return bool(_flags(kind) & IMMUTABLE)


def is_fixed(kind: object) -> bool:
    """Whether it is a class that was there before and is still what it was, for it can't be changed."""
    return id(kind) in _fixed


def keeps(kind: type) -> bool:
    """Whether objects of a class keep what they are made with."""
    return any(each is known for each in mro(kind) for known in _KEEPING)


def is_made_as_before(kind: type) -> bool:
    """Whether a class was there before, and what makes its objects is what made them then."""
    return is_fixed(kind) or all(
        was_there(each) and all(map(operator.is_, _making(each), _classes[id(each)][1]))
        for each in (*mro(kind), *mro(type(kind)))
    )


def _making(kind: type) -> tuple[Any, ...]:
    return tuple(map(namespace_of(kind).get, _MAKING))


def was_of_a_module(space: Mapping[str, Any]) -> bool:
    """Whether a namespace is that of a module that was there before."""
    return id(space) in _spaces


def stood_in(space: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stood in the namespace of a module; nothing where it was not there."""
    return _spaces[id(space)][1] if id(space) in _spaces else {}


def stood_in_a_module(value: object) -> bool:
    """Whether a value stood in any module."""
    return id(value) in _values


def first(kind: type, name: str) -> Any:
    """What a class, or the first of its bases that has it, says of a name; ``None`` where none does."""
    found: Any = next((namespace_of(each)[name] for each in mro(kind) if name in namespace_of(each)), None)
    return found.__func__ if type(found) is staticmethod or type(found) is classmethod else found
