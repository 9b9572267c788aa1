"""Runs a function of ours in a process apart, with bounds on time and memory.

How it works: what reads a submission (archives, notebooks, Python's parser) can be made to take minutes and gigabytes,
or to end the process, by a few megabytes of input. So it runs in another process (``bounded.py``), a Python without
site-packages and with next to nothing of our environment. To start one takes longer than most readings, so it is kept
for the next: ``Readers`` hands each thread one of its own, ends those that had any trouble, and starts others. They
don't hear a Ctrl-C in the terminal, and end by themselves when this process does, for their standard input closes.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Any

from grader.errors import InternalFault, SubmissionProblem, UsageError
from grader.intake.bounded import LENGTH

CPU_SECONDS = 10  # the largest submission that is read takes about five on a slow machine
WALL_SECONDS = 60.0  # where the machine is busy with others
MEMORY_BYTES = 1 << 30
WRITTEN_BYTES = 64 << 20  # in one file
MOST_READINGS = 500  # of one process, which without fork keeps something of each
_START_SECONDS = 60.0
_ANSWER_BYTES = 64 << 20
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
_CODE = "import sys; sys.path.append({root!r}); from grader.intake.bounded import serve; serve()"
_KEPT = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE")  # of the environment; names of files
_VOICES = {"problem": SubmissionProblem, "usage": UsageError}


def run_apart(function: str, *arguments: str, patience: int = 1) -> Any:
    """What a function returns, called in a process apart; from any thread.

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
    request = [bounds, _current_folder(), function, *arguments]
    for _ in range(2):  # once more, for it may have been ended from outside
        with READERS.one() as reader:
            kind, value = reader.answer(request, WALL_SECONDS * patience)
        if kind != "gone":
            break
    if kind == "result":
        return value
    if kind in _VOICES:
        raise _VOICES[kind](value)
    if kind == "fault":
        raise InternalFault(f"Reading a submission failed: {value}.")
    raise SubmissionProblem(f"{value} can't be read: it takes more time or memory than anything of its kind should.")


def _current_folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return ""


class _Reader:
    """One process that reads; ``fit`` says whether it may be given another submission."""

    def __init__(self) -> None:
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        options: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            options = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        command = [sys.executable, "-I", "-S", "-c", _CODE.format(root=str(_PACKAGE_ROOT))]
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, env=environment, **options
            )
        except OSError as error:
            raise InternalFault(f"No process could be started to read a submission: {error.strerror}.") from error
        self._readings = 0
        self.fit = True

    def answer(self, request: list[Any], wall_seconds: float) -> tuple[str, Any]:
        """How a request ended and what came of it.

        ``at`` where it came to no end, with what it was at; ``gone`` where the process did not say so itself.
        """
        self.fit = False
        if self._readings == 0:
            self._wait_for_start()
        deadline = time.monotonic() + wall_seconds
        with self._ended_after(wall_seconds):
            with contextlib.suppress(OSError):  # it has ended
                self._stream("stdin").write(json.dumps(request).encode("ascii") + b"\n")
            output, whole = self._read_answer()
        kind, value = _last_of(output)
        late = time.monotonic() >= deadline
        if not whole:
            return "at" if late else "gone", value
        self._readings += 1
        self.fit = kind in ("result", *_VOICES) and self._readings < MOST_READINGS and not late
        return kind, value

    def _wait_for_start(self) -> None:
        with self._ended_after(_START_SECONDS):
            _, there = self._read_answer()
        if not there:
            self.kill()
            words = self._stream("stderr").read().decode("utf-8", "replace").strip()[-200:]
            raise InternalFault(f"The process that reads submissions did not start: {words or 'it said nothing'}.")

    def _read_answer(self) -> tuple[bytes, bool]:
        """What comes up to the empty piece, and whether that came."""
        output = bytearray()
        while len(length := self._read(LENGTH)) == LENGTH:
            size = int.from_bytes(length, "big")
            if size == 0:
                return bytes(output), True
            if len(output) + size > _ANSWER_BYTES:
                break
            output += self._read(size)
        return bytes(output), False

    def _read(self, size: int) -> bytes:
        read = bytearray()
        while len(read) < size and (piece := self._stream("stdout").read(size - len(read))):
            read += piece
        return bytes(read)

    def _stream(self, name: str) -> IO[bytes]:
        stream: IO[bytes] = getattr(self._process, name)
        return stream

    @contextmanager
    def _ended_after(self, seconds: float) -> Iterator[None]:
        """Within it, the process is killed when its time is over; then there is nothing more to wait for."""
        timer = Timer(seconds, self.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    def kill(self) -> None:
        """Kills it and what it has started; from any thread."""
        with contextlib.suppress(ProcessLookupError, PermissionError):  # the latter where it has ended, on some systems
            if sys.platform == "win32":
                self._process.kill()
            elif self._process.returncode is None:  # else its number may be another's
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Ends it, whatever it is at, and closes what led to it."""
        self.kill()
        self._process.wait()
        for name in ("stdin", "stdout", "stderr"):
            self._stream(name).close()


class Readers:
    """The processes that read: some at work, one for each thread that reads, others waiting for the next."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[_Reader] = []
        self._at_work: set[_Reader] = set()
        self._closed = False

    def prepare(self) -> None:
        """Starts one, so that it is there when it is needed."""
        with self._lock:
            if not self._waiting and not self._closed:
                self._waiting.append(_Reader())

    @contextmanager
    def one(self) -> Iterator[_Reader]:
        """One that is nobody else's; afterwards it waits for the next, or is ended where it isn't fit for that."""
        with self._lock:
            if self._closed:
                raise InternalFault("Nothing can be read any more: the grader is about to end.")
            reader = self._waiting.pop() if self._waiting else _Reader()
            self._at_work.add(reader)
        try:
            yield reader
        finally:
            with self._lock:
                self._at_work.remove(reader)
                kept = reader.fit and not self._closed
                if kept:
                    self._waiting.append(reader)
            if not kept:
                reader.close()

    def close(self) -> None:
        """Ends them all, those at work too; no other is started."""
        with self._lock:
            self._closed = True
            waiting, self._waiting = self._waiting, []
            for reader in self._at_work:  # closed by those who wait for its answer
                reader.kill()
        for reader in waiting:
            reader.close()


READERS = Readers()
atexit.register(READERS.close)


def _last_of(output: bytes) -> tuple[str, Any]:
    """The last line of an answer; where it is none of ours, nothing is known."""
    lines = output.split(b"\n")[:-1]
    with contextlib.suppress(ValueError, TypeError, RecursionError):
        kind, value = json.loads(lines[-1]) if lines else ("at", "The submission")
        if isinstance(kind, str):
            return kind, value
    return "at", "The submission"
