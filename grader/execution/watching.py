"""Refuses the looks into the interpreter by which a submission would find the grader: frames, referrers, addresses.

How it works: Python tells an audit hook of such a look before it happens, and a hook stays for as long as the process
does. What the hook raises is raised where the look is, so that nothing is handed out. Who asks decides (``asking``).
"""

from __future__ import annotations

import _lsprof
import ctypes
import os
import sys
import types
from collections.abc import Iterable
from typing import Any

from grader.execution.asking import LIBRARIES, new_judge, stands_with_libraries
from grader.execution.drives import DRIVE

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
_OF_A_FRAME = frozenset({"tb_frame", "gi_frame", "cr_frame", "ag_frame"})
_OF_A_FUNCTION = frozenset({"__code__", "__defaults__", "__kwdefaults__"})
_OF_CTYPES = frozenset(
    f"ctypes.{name}" for name in ("PyObj_FromPtr", "cdata", "dlsym/handle", "call_function", "memoryview_at")
)
_WRITES_LOCALS = "capture_locals"
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_CTYPES = os.path.dirname(ctypes.__file__) + os.sep

# taken before any submission is there
_getframe, _add = sys._getframe, sys.addaudithook
_Function, _Builtin = types.FunctionType, types.BuiltinFunctionType


def watch(own: Iterable[types.CodeType], spaces: Iterable[dict[str, Any]]) -> None:
    """From now on this process refuses looks by which a submission could find the grader.

    What is refused raises ``RuntimeError``, or ``AttributeError`` where an attribute is read or set, at that line.

    Args:
        own: code of the grader, which may look as libraries may.
        spaces: namespaces of the modules that it is from.
    """
    ours = {id(code): code for code in own}
    may = new_judge(ours, {id(space): space for space in spaces})
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
            if args[1] is not None and not stands_with_libraries(args[1]):
                raise ImportError(_NATIVE.format(what=args[0]), name=str(args[0]))
            if not _INTO_PYTHON.isdisjoint(str(args[0]).split(".")):
                raise ImportError(_ADDRESSES.format(what=args[0]), name=str(args[0]))
        elif event in _LOADING:
            if event != "ctypes.dlopen" or not (args[0] is None or stands_with_libraries(args[0])):
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


def _writes_locals(frame: types.FrameType | None) -> bool:
    """Whether who asks there writes down what stands in frames."""
    while frame is not None and frame.f_code.co_filename.startswith(LIBRARIES):
        if _WRITES_LOCALS in frame.f_code.co_varnames and frame.f_locals.get(_WRITES_LOCALS, False) is not False:
            return True
        frame = frame.f_back
    return False


def _is_of_others(function: object) -> bool:
    """Whether a function is a library's or the grader's."""
    if type(function) is not _Function:
        return False
    file = function.__code__.co_filename
    return file.startswith((_PACKAGE, *LIBRARIES)) or file == DRIVE


def _is_of_python(name: object) -> bool:
    return str(name).startswith(("Py", "_Py"))


def _only_measures(event: str, args: tuple[Any, ...]) -> bool:
    """Whether it is cProfile, which counts by itself and shows nobody a function."""
    if event != "sys.monitoring.register_callback":
        return False
    callback = args[0]
    return callback is None or (type(callback) is _Builtin and issubclass(type(callback.__self__), _lsprof.Profiler))
