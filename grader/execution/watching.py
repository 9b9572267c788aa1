"""Refuses the looks into the interpreter by which a submission would find the grader: frames, referrers, addresses.

How it works: Python tells an audit hook of such a look before it happens, and a hook stays for as long as the process
does. What the hook raises is raised where the look is, so that nothing is handed out. Who asks decides: libraries look
at frames all the time (for a line of a log, for a namedtuple), and may. Code is a library's if the library's file holds
it, whatever it calls itself, and if it runs in the library's module with the built-in functions of all; it must mention
what it asks for, or it only calls what it was given; what it calls must be what stood there before (``before``) or a
library's function, and not something that was put in its place; and where it hands a frame on, its caller is who asks.
"""

from __future__ import annotations

import _lsprof
import builtins
import ctypes
import dis
import functools
import inspect
import linecache
import marshal
import os
import re
import sys
import sysconfig
import threading
import traceback
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from gc import get_referents
from typing import Any

from grader.execution.before import (
    first,
    is_made_as_before,
    keeps,
    stood_in,
    stood_in_a_module,
    was_of_a_module,
    was_there,
)

_FRAMES = (
    "{what}, also by way of inspect, is not available while grading: a frame leads to what the grader holds. "
    "Leave it out; traceback.print_stack() and traceback.print_exc() print where your code is."
)
_LEADS = "{what} is not available while grading: it leads to what the grader holds. Leave it out."
_TRACES = "{what} is not available while grading: it would see all that the grader does. Leave it out."
_ADDRESSES = "{what} is not available while grading: it reaches into Python itself. Leave it out."
_NATIVE = "{what} is not available while grading: it loads machine code of your own. Leave it out."
_CODE = "{what} of a function of torch or Python can't be set while grading: the grader uses it. Leave it out."

# events, each with what the code that asks mentions, and what it is told
_LOOKS = {
    "sys._getframe": ("_getframe", _FRAMES),
    "sys._current_frames": ("_current_frames", _FRAMES),
    "sys._current_exceptions": ("_current_exceptions", _FRAMES),
    "gc.get_objects": ("get_objects", _LEADS),
    "gc.get_referrers": ("get_referrers", _LEADS),
    "gc.get_referents": ("get_referents", _LEADS),
    "sys.monitoring.register_callback": ("register_callback", _TRACES),
    "sys.addaudithook": ("addaudithook", _TRACES),
}
_INTO_PYTHON = frozenset(
    {"_interpreters", "_interpchannels", "_interpqueues", "_xxsubinterpreters", "_xxinterpchannels"}
    | {"_testcapi", "_testinternalcapi", "_testlimitedcapi", "_testmultiphase", "_testsinglephase", "_ctypes_test"}
    | {"_tkinter", "_cffi_backend"}  # which load what is not Python's without a word
)
_LOADING = frozenset({"ctypes.dlopen", "sqlite3.load_extension", "sqlite3.enable_load_extension"})
_OF_THE_SYSTEM = ("/lib", "/lib64", "/usr", "/opt", "/nix")
_OF_A_FRAME = frozenset({"tb_frame", "gi_frame", "cr_frame", "ag_frame"})
_OF_A_FUNCTION = frozenset({"__code__", "__defaults__", "__kwdefaults__"})
_OF_CTYPES = frozenset(
    f"ctypes.{name}" for name in ("PyObj_FromPtr", "cdata", "dlsym/handle", "call_function", "memoryview_at")
)
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
_WRITES_LOCALS = "capture_locals"
_SEP = os.sep
# libraries that keep frames, or hand them on, for reasons of their own
_KEEPING_FRAMES = (f"{_SEP}torch{_SEP}_dynamo{_SEP}", f"{_SEP}tblib{_SEP}")
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + _SEP
_LIBRARIES = tuple(
    dict.fromkeys(
        [os.path.dirname(inspect.__file__) + _SEP]
        + [sysconfig.get_path(name) + _SEP for name in ("stdlib", "platstdlib", "purelib", "platlib")]
        + [path + _SEP for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    )
)
_STDLIB, _FROZEN = os.path.dirname(inspect.__file__) + _SEP, "<frozen "
_CTYPES = os.path.dirname(ctypes.__file__) + _SEP
_TAG = sys.implementation.cache_tag
_HEADER_OF_A_PYC = 16  # bytes
_IMPORT_NAME, _EXTENDED_ARG = dis.opmap["IMPORT_NAME"], dis.opmap["EXTENDED_ARG"]

# taken before any submission is there
_getframe, _add, _loads, _realpath = sys._getframe, sys.addaudithook, marshal.loads, os.path.realpath
_Function, _Builtin, _Code = types.FunctionType, types.BuiltinFunctionType, types.CodeType
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
# what frames are handed to, each with its file
_THROUGH = tuple((vars(each), str(each.__file__)) for each in (traceback, linecache, inspect))
_flags, _MADE_IN_PYTHON = type.__dict__["__flags__"].__get__, 1 << 9  # Py_TPFLAGS_HEAPTYPE
_BUILT_IN, _builtins_of = vars(builtins), types.FunctionType.__dict__["__builtins__"].__get__
_mro, _vars = type.__dict__["__mro__"].__get__, type.__dict__["__dict__"].__get__


def watch(own: Iterable[types.CodeType], spaces: Iterable[dict[str, Any]]) -> None:
    """From now on this process refuses looks by which a submission could find the grader.

    What is refused raises ``RuntimeError``, or ``AttributeError`` where an attribute is read or set, at that line.

    Args:
        own: code of the grader, which may look as libraries may.
        spaces: namespaces of the modules that it is from.
    """
    ours = {id(code): code for code in own}
    may = _judge(ours, {id(space): space for space in spaces})
    look_of = _LOOKS.get
    code_of_hook: types.CodeType | None = None

    def is_ours(code: types.CodeType) -> bool:
        return id(code) in ours

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "object.__getattr__":
            if args[1] in _OF_A_FRAME:
                asks = _getframe(1)
                if asks.f_code is code_of_hook:
                    return  # this hook itself, in the next line
                writes_ours = _writes_locals(asks) and args[1] == "tb_frame" and is_ours(args[0].tb_frame.f_code)
                if writes_ours or not may(asks, args[1]):
                    raise AttributeError(_FRAMES.format(what=args[1]))
        elif event == "object.__setattr__":
            if args[1] in _OF_A_FUNCTION and _is_of_others(args[0]) and not may(_getframe(1), args[1]):
                raise AttributeError(_CODE.format(what=args[1]))
        elif event == "import":
            if args[1] is not None and not _stands_with_libraries(args[1]):
                raise ImportError(_NATIVE.format(what=args[0]), name=str(args[0]))
            if not _INTO_PYTHON.isdisjoint(str(args[0]).split(".")):
                raise ImportError(_ADDRESSES.format(what=args[0]), name=str(args[0]))
        elif event in _LOADING:
            if event != "ctypes.dlopen" or not (args[0] is None or _stands_with_libraries(args[0])):
                raise RuntimeError(_NATIVE.format(what=event))
        elif (look := look_of(event)) is not None:
            if event == "sys._getframe" and args[0].f_code is code_of_hook:
                return  # this hook itself, in the next line but one
            name, words = look
            asks = _getframe(1)
            if asks.f_code is code_of_hook:
                return  # the same, as Python 3.11 tells it
            if not (_only_measures(event, args) or (may(asks, name) and not _writes_locals(asks))):
                raise RuntimeError(words.format(what=event))
        elif event in _OF_CTYPES or (event == "ctypes.dlsym" and _is_of_python(args[1])):
            frame: types.FrameType | None = _getframe(1)
            while frame is not None and frame.f_code.co_filename.startswith(_CTYPES):
                frame = frame.f_back
            if not may(frame, None):
                raise RuntimeError(_ADDRESSES.format(what=event))

    code_of_hook = hook.__code__
    _add(hook)


def _judge(
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
        if not file.startswith(_LIBRARIES):
            return False
        read(file)
        return _content(code) in files[file]

    def read(file: str) -> None:
        if file not in files:
            parts = [*_parts_of(_code_of(file))]
            files[file] = {_content(each) for each in parts}
            names = frozenset(name for each in parts for name in each.co_names if not name.startswith("__"))
            mentioned[file] = (names | _ASKED_FOR_BY_NAME) - _GIVEN_TEXTS
            imported[file] = frozenset(name for each in parts for name in _imports_of(each) if name != "__main__")

    def calls_its_own(own: Mapping[str, Any], file: str) -> bool:
        """Whether what a library's file mentions, there and in modules, classes and objects, is a library's."""
        names = mentioned.get(file, frozenset())
        known_modules = [name for name in imported.get(file, ()) if name in stood_in(sys.modules)]
        if any(sys.modules.get(name) is not stood_in(sys.modules)[name] for name in known_modules):
            return False
        held = [
            _vars(each) if issubclass(type(each), type) else _attributes(each)
            for each in map(own.get, names & own.keys())
        ]
        return all(stands_well(space, names) for space in (own, _BUILT_IN, *{id(each): each for each in held}.values()))

    def stands_well(space: Mapping[str, Any], names: Set[str]) -> bool:
        """Whether what stands in one namespace under these names is a library's."""
        if type(space) is not dict and type(space) is not types.MappingProxyType:
            return False  # which would say itself what is in it
        is_old, stood = was_of_a_module(space), stood_in(space)
        for name in names & space.keys():
            value = space[name]
            if value is stood.get(name) and not issubclass(type(value), type):
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
        values = [value for each in _mro(kind) if not was_there(each) for value in _vars(each).values()]
        return all(
            is_theirs(value) or is_generated(value)
            if type(value) is _Function
            else is_a_librarys(type(value), seen | {id(kind)})
            for value in values
        )

    def is_generated(function: types.FunctionType) -> bool:
        """Whether a library has made a function of text, as dataclasses have it."""
        file = function.__globals__.get("__file__")
        return function.__code__.co_filename.startswith("<") and type(file) is str and file.startswith(_LIBRARIES)

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


def _stands_with_libraries(file: Any) -> bool:
    """Whether machine code is from where libraries stand, and was not written by a submission."""
    name = os.fsdecode(file) if isinstance(file, bytes) else str.__str__(file)
    return _SEP not in name or _realpath(name).startswith((*_LIBRARIES, *_OF_THE_SYSTEM))


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
    for kind in _mro(type(value)):
        held = _vars(kind).get("__dict__")
        if type(held) is types.GetSetDescriptorType or type(held) is types.MemberDescriptorType:
            return held.__get__(value)  # type: ignore[no-any-return]
    return {}


def _writes_locals(frame: types.FrameType | None) -> bool:
    """Whether who asks there writes down what stands in frames."""
    while frame is not None and frame.f_code.co_filename.startswith(_LIBRARIES):
        if _WRITES_LOCALS in frame.f_code.co_varnames and frame.f_locals.get(_WRITES_LOCALS, False) is not False:
            return True
        frame = frame.f_back
    return False


def codes_of(module: types.ModuleType) -> Iterator[types.CodeType]:
    """The code of all functions and methods of a module, and of what is defined in them; not what is sealed."""
    spaces = [vars(module), *(vars(each) for each in vars(module).values() if isinstance(each, type))]
    for value in [value for space in spaces for value in space.values()]:
        functions = (value.fget, value.fset, value.fdel) if isinstance(value, property) else (value,)
        for each in functions:
            function = getattr(each, "__func__", each)
            if type(function) is _Function:
                yield from _parts_of(function.__code__)


def _parts_of(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for each in code.co_consts:
        if type(each) is _Code:
            yield from _parts_of(each)


def _imports_of(code: types.CodeType) -> Iterator[str]:
    """Names of the modules that a piece of code imports when it runs."""
    extended = 0
    for op, argument in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        if op == _IMPORT_NAME:
            yield code.co_names[extended << 8 | argument]
        extended = extended << 8 | argument if op == _EXTENDED_ARG else 0


def _code_of(file: str) -> types.CodeType:
    """What a file of a library holds, read where Python itself reads it; nothing where it can't be read."""
    folder, _, name = file.rpartition(_SEP)
    try:
        with open(f"{folder}{_SEP}__pycache__{_SEP}{name.removesuffix('.py')}.{_TAG}.pyc", "rb") as compiled:
            code = _loads(compiled.read()[_HEADER_OF_A_PYC:])
            if type(code) is _Code:
                return code
    except (OSError, ValueError, EOFError, TypeError):
        pass  # not compiled yet
    try:
        with open(file, "rb") as source:
            return compile(source.read(), file, "exec", dont_inherit=True)
    except (OSError, ValueError, SyntaxError):
        return compile("", file, "exec", dont_inherit=True)


def _content(code: types.CodeType) -> tuple[Any, ...]:
    """What makes two pieces of code the same, wherever each of them says that it stands."""
    names = code.co_name, code.co_qualname, code.co_names, code.co_freevars, code.co_cellvars, code.co_varnames
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
    values = tuple((type(each), each) for each in code.co_consts if type(each) is not _Code)
    return code.co_code, *names, *counts, values


def _is_of_others(function: object) -> bool:
    """Whether a function is a library's or the grader's."""
    if type(function) is not _Function:
        return False
    file = function.__code__.co_filename
    return file.startswith((_PACKAGE, *_LIBRARIES)) or file == "<drive>"


def _is_of_python(name: object) -> bool:
    return str(name).startswith(("Py", "_Py"))


def _only_measures(event: str, args: tuple[Any, ...]) -> bool:
    """Whether it is cProfile, which counts by itself and shows nobody a function."""
    if event != "sys.monitoring.register_callback":
        return False
    callback = args[0]
    return callback is None or (type(callback) is _Builtin and issubclass(type(callback.__self__), _lsprof.Profiler))
