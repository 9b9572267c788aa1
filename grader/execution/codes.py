"""Pieces of code: those of a module, those of a file, what they import, and what makes two of them the same."""

from __future__ import annotations

import dis
import marshal
import os
import sys
import types
from collections.abc import Iterator
from typing import Any

_SEP, _TAG = os.sep, sys.implementation.cache_tag
_HEADER_OF_A_PYC = 16  # bytes
_IMPORT_NAME, _EXTENDED_ARG = dis.opmap["IMPORT_NAME"], dis.opmap["EXTENDED_ARG"]
_loads = marshal.loads
_Function, _Code = types.FunctionType, types.CodeType


def codes_of(module: types.ModuleType) -> Iterator[types.CodeType]:
    """The code of all functions and methods of a module, and of what is defined in them; not what is sealed."""
    spaces = [vars(module), *(vars(each) for each in vars(module).values() if isinstance(each, type))]
    for value in [value for space in spaces for value in space.values()]:
        functions = (value.fget, value.fset, value.fdel) if isinstance(value, property) else (value,)
        for each in functions:
            function = getattr(each, "__func__", each)
            if type(function) is _Function:
                yield from parts_of(function.__code__)


def parts_of(code: types.CodeType) -> Iterator[types.CodeType]:
    """A piece of code and all that are defined in it."""
    yield code
    for each in code.co_consts:
        if type(each) is _Code:
            yield from parts_of(each)


def imports_of(code: types.CodeType) -> Iterator[str]:
    """Names of the modules that a piece of code imports when it runs."""
    extended = 0
    for op, argument in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        if op == _IMPORT_NAME:
            yield code.co_names[extended << 8 | argument]
        extended = extended << 8 | argument if op == _EXTENDED_ARG else 0


def code_of_file(file: str) -> types.CodeType:
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


def content_of(code: types.CodeType) -> tuple[Any, ...]:
    """What makes two pieces of code the same, wherever each of them says that it stands."""
    names = code.co_name, code.co_qualname, code.co_names, code.co_freevars, code.co_cellvars, code.co_varnames
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
    values = tuple((type(each), each) for each in code.co_consts if type(each) is not _Code)
    return code.co_code, *names, *counts, values
