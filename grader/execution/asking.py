"""Whether it is a library, or the grader, that asks for a look into the interpreter.

Libraries look at frames all the time (for a line of a log, for a namedtuple), and may. Code is a library's if the
library's file holds it, whatever it calls itself, and if it runs in the library's module with the built-in functions of
all; it must mention what it asks for, or it only calls what it was given; what it calls must be what stood there before
(``before``) or a library's function, and not something that was put in its place; and where it hands a frame on, its
caller is who asks.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import linecache
import os
import re
import sys
import sysconfig
import threading
import traceback
import types
from collections.abc import Callable, Iterable, Mapping, Set
from gc import get_referents
from typing import Any

from grader.execution.before import (
    first,
    is_fixed,
    is_made_as_before,
    keeps,
    mro,
    namespace_of,
    stood_in,
    stood_in_a_module,
    was_of_a_module,
    was_there,
)
from grader.execution.codes import code_of_file, content_of, imports_of, parts_of

# functions of libraries that hand a frame on, or what is in it, each with what their caller mentions (one of these); a
# generator does so, too
_HANDED_ON = {
    each: (each,)
    for each in (
        *("currentframe", "stack", "trace", "getouterframes", "getinnerframes"),
        *("getgeneratorlocals", "getcoroutinelocals", "getasyncgenlocals"),
        *("gi_frame", "cr_frame", "ag_frame"),
        *("get_stack", "_find_user_frame"),
    )
} | {
    "<lambda>": ("currentframe",),
    "_task_get_stack": ("get_stack",),
    # which torch calls from a function that isn't written in Python, when forward-mode derivatives are first taken
    "createResolutionCallbackFromFrame": ("createResolutionCallbackFromFrame", "CompilationUnit"),
}
# these files may not look: they give frames to what they call, or write down what stands in them, by methods that a
# submission may have put into the classes of it
_NOT_TRUSTED = ("bdb.py", "pdb.py", "trace.py", "profile.py", "cgitb.py")
_SEP = os.sep
# libraries that keep frames, or hand them on, for reasons of their own
_KEEPING_FRAMES = (f"{_SEP}torch{_SEP}_dynamo{_SEP}", f"{_SEP}tblib{_SEP}")
LIBRARIES = tuple(
    dict.fromkeys(
        [os.path.dirname(inspect.__file__) + _SEP]
        + [sysconfig.get_path(name) + _SEP for name in ("stdlib", "platstdlib", "purelib", "platlib")]
        + [path + _SEP for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    )
)
_STDLIB, _FROZEN = os.path.dirname(inspect.__file__) + _SEP, "<frozen "
_OF_THE_SYSTEM = ("/lib", "/lib64", "/usr", "/opt", "/nix")
_OF_DOCTEST = "DocTestRunner.__patched_linecache_getlines"  # which stands in for linecache's while doctest runs
# of built-in functions that belong to an object: whose keep nothing that they are given
_KEEPING_NOTHING = (types.ModuleType, type(None), str, re.Pattern, type(threading.Lock()), type(threading.RLock()))
_OF_CLASSES = (types.WrapperDescriptorType, types.MethodDescriptorType, types.ClassMethodDescriptorType)
# honest code replaces them, and no library calls them with a frame
_GIVEN_TEXTS = frozenset(
    {"print", "input", "open", "showwarning", "formatwarning", "_logRecordFactory", "format_exc", "print_exc"}
    | {"_loggerClass", "Logger", "LogRecord", "Handler", "StreamHandler", "Formatter", "_defaultFormatter"}
    | {"_warnings_showwarning"}
)
_STREAMS = frozenset({"stdin", "stdout", "stderr"})
_ASKED_FOR_BY_NAME = frozenset({"tracebacklimit"})  # with getattr, by traceback
_NOT_USED = frozenset({"self", "cls", "klass", "file"})  # while a frame is at hand, or for texts only

# taken before any submission is there
_realpath = os.path.realpath
_Function, _Builtin = types.FunctionType, types.BuiltinFunctionType
# what frames are handed to, each with its file
_THROUGH = tuple((vars(each), str(each.__file__)) for each in (traceback, linecache, inspect))
_flags, _MADE_IN_PYTHON = type.__dict__["__flags__"].__get__, 1 << 9  # Py_TPFLAGS_HEAPTYPE
_BUILT_IN, _builtins_of = vars(builtins), types.FunctionType.__dict__["__builtins__"].__get__


def new_judge(
    ours: Mapping[int, types.CodeType], own_spaces: Mapping[int, dict[str, Any]]
) -> Callable[[types.FrameType | None, str | None], bool]:
    """``may(frame, name)``: whether it is a library, or the grader, that asks there for ``name``."""
    known: dict[int, tuple[types.CodeType, bool]] = {}  # which holds the code, so that its id is nobody else's
    files: dict[str, set[tuple[Any, ...]]] = {}
    mentioned: dict[str, frozenset[str]] = {}  # names, by file
    imported: dict[str, frozenset[str]] = {}

    def is_own(code: types.CodeType, space: dict[str, Any]) -> bool:
        return id(code) in ours and id(space) in own_spaces

    def trusted(code: types.CodeType, space: dict[str, Any]) -> bool:
        if is_own(code, space):
            return True
        if id(code) not in known:
            known[id(code)] = code, in_its_file(code)
        return known[id(code)][1] and _is_of_a_module(space)

    def in_its_file(code: types.CodeType) -> bool:
        return code.co_filename.rpartition(_SEP)[2] not in _NOT_TRUSTED and is_library(code)

    def is_library(code: types.CodeType) -> bool:
        file = code.co_filename
        if any(each in file for each in _KEEPING_FRAMES):
            return False
        if file.startswith(_FROZEN):  # a module of the standard library that is part of the interpreter
            file = f"{_STDLIB}{file.removeprefix(_FROZEN).removesuffix('>').replace('.', _SEP)}.py"
        if not file.startswith(LIBRARIES):
            return False
        read(file)
        return content_of(code) in files[file]

    def read(file: str) -> None:
        if file not in files:
            parts = [*parts_of(code_of_file(file))]
            files[file] = {content_of(each) for each in parts}
            names = frozenset(name for each in parts for name in each.co_names if not name.startswith("__"))
            mentioned[file] = (names | _ASKED_FOR_BY_NAME) - _GIVEN_TEXTS
            imported[file] = frozenset(name for each in parts for name in imports_of(each) if name != "__main__")

    def calls_its_own(own: Mapping[str, Any], file: str) -> bool:
        """Whether what a library's file mentions, there and in modules, classes and objects, is a library's."""
        names = mentioned.get(file, frozenset())
        known_modules = [name for name in imported.get(file, ()) if name in stood_in(sys.modules)]
        if any(sys.modules.get(name) is not stood_in(sys.modules)[name] for name in known_modules):
            return False
        held = [
            namespace_of(each) if issubclass(type(each), type) else _attributes(each)
            for each in map(own.get, names & own.keys())
            if not is_fixed(each)
        ]
        spaces = own, _BUILT_IN, *{id(each): each for each in held if type(each) is not dict or each}.values()
        return all(stands_well(space, names) for space in spaces)

    def stands_well(space: Mapping[str, Any], names: Set[str]) -> bool:
        """Whether what stands in one namespace under these names is a library's."""
        if type(space) is not dict and type(space) is not types.MappingProxyType:
            return False  # which would say itself what is in it
        is_old, stood = was_of_a_module(space), stood_in(space)
        for name in names & space.keys():
            value = space[name]
            if value is stood.get(name) and (is_fixed(value) or not issubclass(type(value), type)):
                continue
            if not (may_stand_for(stood[name], value, name) if name in stood else may_be_called(value, new=is_old)):
                return False
        return True

    def may_stand_for(stood: Any, value: Any, name: str) -> bool:
        """Whether something may stand in a module where something else stood before."""
        if value is stood:
            return may_be_called(value, new=True)  # a class, of which something may have been replaced
        if not (_takes(stood) or _takes(value)):
            return name in _STREAMS or was_there(type(value))  # no more than data
        if type(value) is types.MethodType:
            value = value.__func__
        if type(value) is _Function:
            return is_own(value.__code__, value.__globals__) or (
                value.__code__.co_qualname == _OF_DOCTEST and is_library(value.__code__)
            )
        if type(stood) is _Function or _BUILT_IN.get(name) is value:
            return type(value) is functools._lru_cache_wrapper and may_be_called(value, new=True)  # one of ours, sealed
        return may_be_called(value, new=True)

    def may_be_called(value: Any, *, new: bool) -> bool:
        """Whether a frame may be handed to something: not to what keeps or passes on what it is given.

        It may be ``new`` in a module that was there before: then nothing of its own is honest.
        """
        if type(value) is _Function:
            return is_theirs(value)
        if issubclass(type(value), type):
            return may_be_made(value, new=new)
        if type(value) is staticmethod or type(value) is classmethod or type(value) is types.MethodType:
            return may_be_called(value.__func__, new=new)
        if stood_in_a_module(value) or _is_of_an_extension(value):
            return True
        if type(value) is functools.partial:
            parts = (value.func, *value.args, *value.keywords.values())
            return all(may_be_called(each, new=new) for each in parts)
        if type(value) is functools._lru_cache_wrapper:
            return all(may_be_called(each, new=new) for each in get_referents(value) if type(each) is not dict)
        if type(value) is _Builtin:
            owner: Any = value.__self__
            is_old_class = issubclass(type(owner), type) and was_there(owner)
            return is_old_class or _is_one_of(type(owner), _KEEPING_NOTHING)
        call = first(type(value), "__call__")
        if call is None:
            return was_there(type(value)) or not new
        return _is_one_of(type(value), _OF_CLASSES) or (type(call) is _Function and is_theirs(call))

    def is_theirs(function: types.FunctionType) -> bool:
        """Whether a function is a library's, or the grader's."""
        code, space = function.__code__, function.__globals__
        return is_own(code, space) or (
            is_library(code) and _is_of_a_module(space) and _builtins_of(function) is _BUILT_IN
        )

    def may_be_made(kind: type, *, new: bool) -> bool:
        """Whether an object of that class may be made with a frame."""
        if was_there(kind):
            return is_made_as_before(kind)
        if new and keeps(kind):
            return False
        made_by = first(type(kind), "__call__"), first(kind, "__new__"), first(kind, "__init__")
        return all(is_theirs(each) or is_generated(each) for each in made_by if type(each) is _Function)

    def holds_a_librarys(frame: types.FrameType) -> bool:
        """Whether a function has nothing at hand that could, when it is used, put something in a library's place."""
        if not frame.f_code.co_flags & inspect.CO_OPTIMIZED:
            return True  # not in a function
        kinds = [type(value) for name, value in frame.f_locals.items() if name not in _NOT_USED]
        return all(map(is_a_librarys, kinds))

    def is_a_librarys(kind: type, seen: frozenset[int] = frozenset()) -> bool:
        """Whether all that a class says, which was not there before, is said by a library."""
        if was_there(kind) or id(kind) in seen:
            return True
        values = [value for each in mro(kind) if not was_there(each) for value in namespace_of(each).values()]
        return all(
            is_theirs(value) or is_generated(value)
            if type(value) is _Function
            else is_a_librarys(type(value), seen | {id(kind)})
            for value in values
        )

    def is_generated(function: types.FunctionType) -> bool:
        """Whether a library has made a function of text, as dataclasses have it."""
        file = function.__globals__.get("__file__")
        return function.__code__.co_filename.startswith("<") and type(file) is str and file.startswith(LIBRARIES)

    def may(frame: types.FrameType | None, name: str | None) -> bool:
        if frame is not None and is_own(frame.f_code, frame.f_globals):
            return name is None or name in frame.f_code.co_names
        names: tuple[str | None, ...] = (name,)
        must_mention = True
        for space, file in _THROUGH:
            read(file)
            if not calls_its_own(space, file):
                return False
        while frame is not None and trusted(frame.f_code, frame.f_globals) and frame.f_builtins is _BUILT_IN:
            code = frame.f_code
            if name is None:
                return True
            if not (calls_its_own(frame.f_globals, code.co_filename) and holds_a_librarys(frame)):
                return False
            if any(each in code.co_names for each in names):
                if code.co_flags & inspect.CO_GENERATOR:
                    names = (code.co_name,)
                elif code.co_name in _HANDED_ON:
                    names = _HANDED_ON[code.co_name]
                else:
                    return True
                must_mention = False
            elif must_mention:
                return False
            frame = frame.f_back
        return False

    return may


def _is_of_a_module(space: Mapping[str, Any]) -> bool:
    """Whether a namespace is that of a module, and no copy of it with something else put in."""
    if was_of_a_module(space):
        return True
    module = sys.modules.get(str(space.get("__name__")))
    return type(module) is types.ModuleType and vars(module) is space


def stands_with_libraries(file: Any) -> bool:
    """Whether machine code is from where libraries stand, and was not written by a submission."""
    name = os.fsdecode(file) if isinstance(file, bytes) else str.__str__(file)
    return _SEP not in name or _realpath(name).startswith((*LIBRARIES, *_OF_THE_SYSTEM))


def _is_of_an_extension(value: object) -> bool:
    """Whether it is how classes that are written in C++ hold a method; nobody can make a class like it in Python."""
    return not _flags(type(value)) & _MADE_IN_PYTHON and type(value).__name__ == "instancemethod"


def _takes(value: object) -> bool:
    """Whether something could be called with a frame, itself or what stands in it."""
    return type(value) is types.ModuleType or first(type(value), "__call__") is not None


def _is_one_of(kind: type, kinds: Iterable[type]) -> bool:
    """Whether a class is one of these, whatever it says that it equals."""
    return any(kind is each for each in kinds)


def _attributes(value: Any) -> Mapping[str, Any]:
    """The attributes that an object holds itself, whatever its class says of them."""
    for kind in mro(type(value)):
        held = namespace_of(kind).get("__dict__")
        if type(held) is types.GetSetDescriptorType or type(held) is types.MemberDescriptorType:
            return held.__get__(value)  # type: ignore[no-any-return]
    return {}
