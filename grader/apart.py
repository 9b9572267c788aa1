"""Runs a function of ours in a process of its own, with bounds on time and memory.

How it works: what reads a submission (archives, notebooks, Python's parser) can be made to take minutes and gigabytes,
or to end the process, by a few megabytes of input. So it runs in a fresh Python without site-packages, which limits its
own processor time, memory and the size of what it writes, and sends its answer as lines of JSON: ``at`` before each
thing that it begins with, then ``result`` or what was raised. It executes nothing of what it reads.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.errors import InternalFault, SubmissionProblem, UsageError

CPU_SECONDS = 10  # the largest submission that is read takes about five on a slow machine
WALL_SECONDS = 60.0  # where the machine is busy with others
MEMORY_BYTES = 1 << 30
WRITTEN_BYTES = 64 << 20  # in one file
_PACKAGE_ROOT = Path(__file__).resolve().parents[1]
_CODE = "import sys; sys.path.append({root!r}); from grader.apart import answer; answer()"
_VOICES = {"problem": SubmissionProblem, "usage": UsageError}

At = Callable[[str], None]


def run_apart(function: str, *arguments: str, patience: int = 1) -> Any:
    """What a function returns, called in a process of its own.

    Args:
        function: ``module:name`` of one that takes texts, and last a function to be told what is begun with.
        arguments: the texts.
        patience: how many times as long it may take as what reads one submission.

    Raises:
        SubmissionProblem: it raised that, or it came to no end within the bounds; the message says at what.
        UsageError: it raised that.
        InternalFault: anything else, which is a fault of ours.
    """
    bounds = [CPU_SECONDS * patience, MEMORY_BYTES, WRITTEN_BYTES]
    request = json.dumps([bounds, function, *arguments]).encode("ascii")
    command = [sys.executable, "-I", "-S", "-c", _CODE.format(root=str(_PACKAGE_ROOT))]
    late = False
    try:
        done = subprocess.run(command, input=request, capture_output=True, timeout=WALL_SECONDS * patience, check=False)
        output, words = done.stdout, done.stderr
    except subprocess.TimeoutExpired as error:
        late, output, words = True, error.stdout or b"", b""
    except OSError as error:
        raise InternalFault(f"No process could be started to read a submission: {error.strerror}.") from error
    lines = [json.loads(line) for line in output.split(b"\n")[:-1]]
    kind, value = lines[-1] if lines else ("at", "The submission")
    if kind == "result":
        return value
    if kind in _VOICES:
        raise _VOICES[kind](value)
    if kind == "fault":
        raise InternalFault(f"Reading a submission failed: {value}.")
    if not late and b"Traceback" in words:
        raise InternalFault(f"Reading a submission failed: {words.decode('utf-8', 'replace').strip()[-200:]}.")
    raise SubmissionProblem(f"{value} can't be read: it takes more time or memory than anything of its kind should.")


def answer() -> None:
    """What the process does: reads the request, calls the function, writes lines."""
    bounds, function, *arguments = json.loads(sys.stdin.buffer.read())

    def say(kind: str, value: Any) -> None:
        sys.stdout.buffer.write(json.dumps([kind, value]).encode("ascii") + b"\n")
        sys.stdout.buffer.flush()

    module, _, name = function.partition(":")
    called = getattr(importlib.import_module(module), name)
    _bound(*bounds)
    try:
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
    try:
        import resource
    except ImportError:  # not on Windows, where time alone is bounded
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
