"""What a call costs besides time: lines of Python run, bytes that Python held at once, recurrent modules built.

How it works: a trace function counts lines, ``tracemalloc`` keeps the peak of Python's memory, and for the time of the
call the constructors of recurrent modules count and refuse. All of this is counted, not timed, so that it is the same
on every machine. A call that costs too much is stopped, so that finding it out costs little.
"""

from __future__ import annotations

import contextlib
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from torch import nn

from grader.execution.hiding import sealed

_STOP_AT_LINES = 25_000
_built_on: tuple[Any, ...] = (nn.RNNBase, nn.RNNCellBase)


class TooCostly(Exception):
    """Ends a call of which enough is known."""


def cost_of(call: Callable[[], Any]) -> dict[str, int]:
    """Makes a call and says what it cost; its result is dropped.

    Raises:
        BaseException: what the call raised, where it was not stopped for its cost.
    """
    cost = {"lines of Python": 0, "bytes of memory": 0, "recurrent modules": 0}
    stopped = False

    @sealed
    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        cost["lines of Python"] += 1
        if cost["lines of Python"] > _STOP_AT_LINES:
            nonlocal stopped
            stopped = True
            raise TooCostly("many lines of code have run")
        return trace

    @sealed
    def refuse(module: Any, *args: Any, **kwargs: Any) -> None:
        cost["recurrent modules"] += 1
        raise TooCostly("a recurrent module is built")

    before = sys.gettrace()
    with _constructors(refuse):
        tracemalloc.start()
        sys.settrace(trace)
        try:
            call()
        except BaseException:
            if not stopped and not cost["recurrent modules"]:
                raise
        finally:
            sys.settrace(before)
            cost["bytes of memory"] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    return cost


@contextlib.contextmanager
def _constructors(replaced_by: Any) -> Iterator[None]:
    """For the time of a ``with``, recurrent modules are made by something else."""
    kept = [each.__init__ for each in _built_on]
    for each in _built_on:
        each.__init__ = replaced_by
    try:
        yield
    finally:
        for each, constructor in zip(_built_on, kept, strict=True):
            each.__init__ = constructor
