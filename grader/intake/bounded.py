"""The process that reads submissions: one request after another, each within bounds of its own.

How it works: ``apart.py`` starts it, with requests as lines of JSON on its standard input. It answers in pieces, each
behind its length in four bytes; an empty piece ends an answer, and the first one says that it is there. A request is
served by a child that is forked for it, bounds itself, and is gone afterwards: what was parsed of one submission can't
reach the reading of another one, and this process itself never looks at any. It passes on what the child says, so that
the child has no hold of the way to the grader; where the grader is gone, it ends, and the child with it. Without fork
(Windows) it answers itself. Nothing of what is read is executed.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import sys
from collections.abc import Callable
from typing import Any

from grader.errors import SubmissionProblem, UsageError

if sys.platform != "win32":
    import resource

_PIECE = 1 << 16
LENGTH = 4  # bytes before each piece

At = Callable[[str], None]


def serve() -> None:
    """Serves requests from standard input until it closes."""
    importlib.import_module("grader.intake.reading")  # with all that it loads, here and not in every child
    importlib.import_module("grader.intake.sources").read_source("first.py", b"pass")
    gc.collect()
    gc.freeze()
    with contextlib.suppress(BrokenPipeError):
        _pass_on(b"")
        while line := sys.stdin.buffer.readline():
            if hasattr(os, "fork"):
                _answer_in_a_child(json.loads(line))
            else:
                _answer(json.loads(line), _pass_on)
            _pass_on(b"")


def _pass_on(piece: bytes) -> None:
    sys.stdout.buffer.write(len(piece).to_bytes(LENGTH, "big") + piece)
    sys.stdout.buffer.flush()


def _answer_in_a_child(request: list[Any]) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _become_child(request, writer)
    os.close(writer)
    try:
        while True:
            if 0 in select.select([reader, 0], [], [])[0]:  # nobody asks meanwhile, so it has closed
                raise BrokenPipeError
            piece = os.read(reader, _PIECE)
            if not piece:
                return
            _pass_on(piece)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reader)


def _become_child(request: list[Any], writer: int) -> None:
    """Turns this forked process into one that answers a request; never returns."""
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        with open(writer, "wb", buffering=0) as file:  # a pipe, which takes all of a line
            _answer(request, file.write)
    finally:
        os._exit(0)


def _answer(request: list[Any], write: Callable[[bytes], object]) -> None:
    """Calls what a request names, and writes lines of JSON: ``at`` before each thing begun with, then how it ended."""
    bounds, folder, function, *arguments = request

    def say(kind: str, value: Any) -> None:
        write(json.dumps([kind, value]).encode("ascii") + b"\n")

    try:
        module, _, name = function.partition(":")
        called = getattr(importlib.import_module(module), name)
        with contextlib.suppress(OSError):
            os.chdir(folder)
        _bound(*bounds)
        say("result", called(*arguments, lambda what: say("at", what)))
    except SubmissionProblem as problem:
        say("problem", str(problem))
    except UsageError as error:
        say("usage", str(error))
    except MemoryError:
        return  # what it was at is said already
    except Exception as error:
        say("fault", f"{type(error).__name__}: {error}")


def _bound(cpu_seconds: int, memory_bytes: int, written_bytes: int) -> None:
    if sys.platform == "win32":  # there time alone is bounded
        return
    limits = {
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_FSIZE: written_bytes,
        resource.RLIMIT_CORE: 0,
    }
    for which, most in limits.items():
        _, hard = resource.getrlimit(which)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):  # some systems know a limit and don't let it be set
            resource.setrlimit(which, (allowed, allowed))
