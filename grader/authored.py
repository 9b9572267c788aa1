"""What an author declares in ``exercise.py``: checked once when it is read, and its functions guarded.

An exercise hands over a strategy and functions (``script``, ``suits``, ``longer``) that are called much later and in
many places. What they raise, and what they return instead of what was asked for, is the author's to mend. So each is
wrapped here, once, in what says so with file and line; nobody who calls them need think of it.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import traceback
import types
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from grader.cases import Case
from grader.errors import GraderError, UsageError

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from grader.course import Exercise
    from grader.properties.base import Property

_Declared = TypeVar("_Declared", "Exercise", "Property")


def checked(declared: Exercise, path: Path) -> Exercise:
    """The exercise that ``path`` declares, with its strategy and its functions guarded.

    Raises:
        UsageError: a value is of another kind than it must be, a law has no points or the name of another one, or it
            lacks an axis.
    """
    _check_kinds(declared, "the Exercise", path)
    for law in declared.properties:
        _check_kinds(law, f"the law {law.name!r}", path)
        if law.points < 1:
            raise UsageError(f"{path}: the law {law.name!r} must be worth at least 1 point, got {law.points}.")
    twice = [name for name, times in Counter(each.name for each in declared.properties).items() if times > 1]
    if twice:
        raise UsageError(f"{path}: two laws have the same name, {twice[0]!r}.")
    for law in declared.properties:
        if lack := law.lacks(declared.axes):
            raise UsageError(f"{path}: the law {law.name!r} {lack}.")
    guarded = tuple(_guarded(law, f"of the law {law.name!r}", path) for law in declared.properties)
    whole = _guarded(declared, "of the Exercise", path)
    return dataclasses.replace(whole, properties=guarded, cases=_drawn(declared.cases, path))


# Kinds of values


def _check_kinds(thing: Exercise | Property, what: str, path: Path) -> None:
    """Raises ``UsageError`` where a field holds something else than its annotation says."""
    hints = _hints(type(thing))
    for name in (each.name for each in dataclasses.fields(thing)):
        value = getattr(thing, name)
        if name in hints and not _fits(value, hints[name]):
            came = "a function" if isinstance(value, types.FunctionType) else repr(value)[:80]
            expected = f"`{name}` of {what} must be {_in_words(hints[name])}"
            raise UsageError(f"{path}: {expected}, got {came}.{_what_to_try(name, value, hints[name])}")


def _hints(kind: type) -> dict[str, Any]:
    """The annotations of a class; none where an author's own class has some that can't be told."""
    from hypothesis.strategies import SearchStrategy

    from grader.properties.base import Property

    with suppress(NameError, TypeError, AttributeError):
        return get_type_hints(kind, localns={"SearchStrategy": SearchStrategy, "Property": Property})
    return {}


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value is what an annotation says; where nothing is known of the annotation, it is."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(_fits(value, each) for each in inner)
    if origin is Callable:
        return callable(value)
    if origin is tuple:
        each = inner[:1] * len(value) if isinstance(value, tuple | list) and inner[-1] is ... else inner
        return isinstance(value, tuple | list) and len(value) == len(each) and all(map(_fits, value, each))
    if origin is Mapping:
        return isinstance(value, Mapping) and all(_fits(k, inner[0]) and _fits(v, inner[1]) for k, v in value.items())
    if hint in (int, float):
        return isinstance(value, int if hint is int else int | float) and not isinstance(value, bool)
    kind = origin or hint
    return isinstance(value, kind) if isinstance(kind, type) else True


def _in_words(hint: Any) -> str:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(_in_words(each) for each in inner)
    if origin is tuple and inner[-1] is ...:
        return f"a tuple, each item {_in_words(inner[0])}"
    if origin is Mapping:
        return f"a dict, each value {_in_words(inner[1])}"
    known: dict[Any, str] = {
        str: "a text",
        int: "a whole number",
        float: "a number",
        bool: "True or False",
        type(None): "None",
    }
    known |= {Callable: "a function", Case: "a Case"}
    kind = origin or hint
    if kind in known:
        return known[kind]
    return {"Property": "a law", "SearchStrategy": "a strategy"}.get(kind.__name__, f"a {kind.__name__}")


def _what_to_try(name: str, value: Any, hint: Any) -> str:
    if isinstance(value, types.FunctionType) and get_origin(hint) is not Callable:
        return f" Call it: {name}={value.__name__}()."
    if get_origin(hint) is tuple and not isinstance(value, tuple | list):
        spelled = repr(value) if isinstance(value, str) else "..."
        return f" A comma makes it a tuple: {name}=({spelled},)."
    return ""


# What is called later


def _guarded(thing: _Declared, of: str, path: Path) -> _Declared:
    """The same with every function that it holds guarded."""
    hints = _hints(type(thing))
    functions: dict[str, Any] = {
        each.name: _guarded_function(value, f"`{each.name}` {of}", _returned(hints.get(each.name)), path)
        for each in dataclasses.fields(thing)
        if callable(value := getattr(thing, each.name))
    }
    return dataclasses.replace(thing, **functions)


def _returned(hint: Any) -> Any:
    """What an annotated function must return; ``Any`` where that is not told, or is a mere yes or no."""
    for each in (hint, *get_args(hint)):
        if get_origin(each) is Callable and get_args(each)[1] is not bool:
            return get_args(each)[1]
    return Any


def _guarded_function(function: Callable[..., Any], what: str, returned: Any, path: Path) -> Callable[..., Any]:
    @functools.wraps(function)
    def guarded(*args: Any) -> Any:
        with _told(what, path):
            came = function(*args)
        if returned is not Any and not _fits(came, returned):
            raise UsageError(f"{path}: {what} must return {_in_words(returned)}, got {came!r:.80}.")
        if isinstance(came, Case):
            _check_case(came, what, path)
        return came

    return guarded


def _drawn(cases: SearchStrategy[Case], path: Path) -> SearchStrategy[Case]:
    """The same cases; what goes wrong while one is drawn is told."""
    from hypothesis import strategies as st

    @st.composite
    def drawn(draw: st.DrawFn) -> Case:
        with _told("the strategy `cases`", path):
            case = draw(cases)
        if not isinstance(case, Case):
            raise UsageError(f"{path}: the strategy `cases` must draw a Case, got {case!r:.80}. Does it return one?")
        _check_case(case, "the strategy `cases`", path)
        return Case.from_json(case.to_json())  # as it comes from the cache the next time

    return drawn()


def _check_case(case: Case, what: str, path: Path) -> None:
    """Raises ``UsageError`` where a case holds what can't be written as JSON and read again."""
    for name, part in {**case.parts, **case.options}.items():
        alone = Case(parts={name: part})
        try:
            json.dumps(alone.to_json())
            Case.from_json(alone.to_json())
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"{path}: {what} makes a case whose {name!r} can't be sent to a worker: expected parts of "
                "grader.cases, numbers, texts, True, False, None, and lists and dicts of these, "
                f"got {part!r:.80}. Draw what it is made from, and make it in drive.py."
            ) from error


@contextmanager
def _told(what: str, path: Path) -> Iterator[None]:
    """What an author's code raises comes out as ``UsageError`` with its place; what steers Hypothesis, as it is."""
    from hypothesis.errors import UnsatisfiedAssumption

    try:
        yield
    except (GraderError, UnsatisfiedAssumption):
        raise
    except Exception as error:
        frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename == str(path)]
        place = f", line {frames[-1].lineno}, in {frames[-1].name}" if frames else ""
        raise UsageError(f"{path}{place}: {what} raised {type(error).__name__}: {error}") from error
