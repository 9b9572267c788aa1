"""One piece of code and the worker that runs it: cases go in, traces come out.

How it works: a ``Session`` holds the deadlines, takes a fresh worker when one dies or hangs and goes on behind the case
that did it, reads resident memory from outside, and keeps a bounded excerpt of what was printed. Its time comes from a
budget, which it may share with other sessions. A fault of the submission becomes a ``Failure`` in a trace; a fault of
the machinery becomes an ``InternalFault``.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from grader.cases import Case
from grader.execution.budget import Budget, limit_in_words
from grader.execution.bundles import Bundle
from grader.execution.hanging import place_of
from grader.execution.limits import Limits
from grader.execution.protocol import Closed, DeadlinePassed, Frame, ProtocolError, checksum
from grader.execution.servers import ANSWER_SECONDS, WorkerProcess, WorkerServer
from grader.execution.traces import Failure, ReadTrace, Trace, read_failure, read_trace_of

_NOTHING: Mapping[str, Frame] = {}
_BROKEN = 117  # exit code of a worker that can't go on (worker.BROKEN)
_MOST_DEATHS = 3  # of workers in one exercise; then the rest is not run


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """What came of executing a piece of code.

    Attributes:
        failure: why it could not be executed, or ``None``.
        cells: cells of a notebook that raised, each with its error.
        missing: entry points that it doesn't define, or that can't be called.
    """

    failure: Failure | None = None
    cells: tuple[tuple[str, Failure], ...] = ()
    missing: tuple[str, ...] = ()


class Session:
    """One piece of code and the worker that runs it; a context manager that ends the worker."""

    def __init__(
        self,
        server: WorkerServer,
        *,
        bundle: Bundle,
        drive: str,
        names: Sequence[str],
        limits: Limits,
        bound_memory: bool = True,
        budget: Budget | None = None,
    ) -> None:
        self._server = server
        request = {"op": "load", "code": bundle.to_json(), "drive": drive, "names": list(names)}
        self._request = Frame(data=request, blob=bundle.compiled_of_ours())
        self._drive = drive
        self._sources = {label: source for _, blocks in bundle.files for label, source in blocks}
        self._limits = limits
        self._bound_memory = bound_memory
        self._worker: WorkerProcess | None = None
        self._loaded: Loaded | None = None
        self._deaths = 0
        self._budget = budget or Budget(seconds=limits.exercise_seconds)
        self.printed = ""
        self.last_frame: Frame | None = None  # of the last trace that came; None where the grader made it

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()

    def load(self) -> Loaded:
        """Executes the code in a fresh worker, if there isn't one already."""
        if self._loaded is None:
            counts = self._budget.begun  # the first import has a limit of its own; those of later workers count as runs
            started = time.monotonic()
            self._server.make_ready(self._drive)
            self._worker = self._server.start(self._limits, bound_memory=self._bound_memory)
            try:
                self._worker.channel.send(self._request, seconds=ANSWER_SECONDS)
                answer = self._worker.receive(self._limits.import_seconds).data
                self._loaded = _read_loaded(answer)
            except (Closed, DeadlinePassed, ProtocolError) as error:
                limit = limit_in_words("import_seconds", self._limits.import_seconds)
                self._loaded = Loaded(failure=self._failed(error, f"while it was imported; {limit}"))
            finally:
                if counts:
                    self._budget.spend(time.monotonic() - started)
            if self._loaded.failure is not None:
                self._stop()
        return self._loaded

    def run(
        self, cases: Sequence[Case], read: ReadTrace = read_trace_of, expected: Mapping[str, Frame] = _NOTHING
    ) -> Iterator[Trace]:
        """Runs the cases in order and yields their traces as they come, read by ``read``.

        Where the frame that comes for a run is the one that is ``expected`` for its key, it is not decoded again.
        A run that kills its worker, or outlasts its limit, gets a trace with that failure; the next ones go on in a
        fresh worker, until too many have died or the time is used up.
        """
        done = 0
        while done < len(cases):
            reason = self._why_stop()
            if reason is not None:
                yield from [Trace(failure=Failure(kind="not_run", text=reason))] * (len(cases) - done)
                return
            failure = self.load().failure
            if failure is not None:
                yield from [Trace(failure=failure)] * (len(cases) - done)
                return
            for trace in self._run_in_worker(cases[done:], read, expected):
                done += 1
                yield trace

    def _run_in_worker(self, cases: Sequence[Case], read: ReadTrace, expected: Mapping[str, Frame]) -> Iterator[Trace]:
        """Traces up to the end of the list, or up to and with the first run that costs the worker its life."""
        worker = self._worker
        assert worker is not None
        request = {"op": "run", "cases": [case.key for case in cases]}
        try:
            worker.channel.send(Frame(data=request), seconds=ANSWER_SECONDS)
            for index, case in enumerate(cases, 1):
                self.last_frame = None
                trace = self._next_trace(worker, case, read, expected.get(case.key))
                if index == len(cases):  # it counts if nothing stands behind it, as what a submission sent would
                    self._end_of_traces(worker)
                yield trace
        except (Closed, DeadlinePassed, ProtocolError) as error:
            self._deaths += 1
            self.last_frame = None
            limit = limit_in_words("case_seconds", self._limits.case_seconds)
            late = self._budget.used_up() if self._budget.left <= 0 else limit
            failure = self._failed(error, f"in one run; {late}")
            self._stop()
            yield Trace(failure=failure)

    def _next_trace(self, worker: WorkerProcess, case: Case, read: ReadTrace, expected: Frame | None) -> Trace:
        started, left = time.monotonic(), self._budget.left
        resident: list[int] = []
        try:
            while True:
                limit = min(self._limits.case_seconds, left) - (time.monotonic() - started)
                frame = worker.receive(max(limit, 0.0), expected)
                if frame.data.get("op") != "moment":
                    break
                if case.options.get("measure") != "resident":
                    raise ProtocolError("a message that was not asked for")
                if limit <= 0:  # what has come already is still taken, but moments could come without end
                    raise DeadlinePassed
                resident.append(worker.resident_bytes() or 0)
                worker.channel.send(Frame(data={"op": "go"}), seconds=limit)
            if frame.data.get("op") != "trace" or frame.data.get("of") != checksum(case.key):
                raise ProtocolError("a message that was not asked for")
            self.last_frame = frame
            trace = read(case.key, frame, tuple(resident))
            measured = case.options.get("measure") == "resident" and trace.failure is None
            if measured and len(resident) != len(trace.moments):
                raise ProtocolError(f"{len(resident)} readings of memory for {len(trace.moments)} moments")
            return trace
        finally:
            self._budget.spend(time.monotonic() - started)

    def _end_of_traces(self, worker: WorkerProcess) -> None:
        if worker.receive(self._limits.case_seconds).data.get("op") != "done":
            raise ProtocolError("a message that was not asked for")

    def _why_stop(self) -> str | None:
        if self._deaths >= _MOST_DEATHS:
            return f"not run: {self._deaths} earlier runs ended the process or outlasted their limit"
        if self._budget.left <= 0:
            return f"not run: {self._budget.used_up()}"
        return None

    def _failed(self, error: Exception, during: str) -> Failure:
        """Why the worker is lost, and the worker ended."""
        worker, self._worker, self._loaded = self._worker, None, None
        assert worker is not None
        looks = worker.looks() if isinstance(error, DeadlinePassed) else []
        status = self._server.reap(worker, patient=isinstance(error, Closed))
        self._keep_printed(worker)
        if isinstance(error, DeadlinePassed):
            place = place_of(looks, self._sources)
            return Failure(kind="timeout", text=f"took too long {during}", **(place._asdict() if place else {}))
        if isinstance(error, ProtocolError):
            return Failure(kind="broken", text=f"sent something that is no result: {error}")
        return Failure(kind="died", text=worker.ended_for or _manner_of_death(status))

    def _stop(self) -> None:
        if self._worker is not None:
            worker, self._worker = self._worker, None
            self._server.reap(worker)
            self._keep_printed(worker)
        if self._loaded is not None and self._loaded.failure is None:
            self._loaded = None

    def _keep_printed(self, worker: WorkerProcess) -> None:
        if not self.printed:
            self.printed = worker.printed.decode("utf-8", "replace")

    @property
    def pid(self) -> int | None:
        """Process id of the present worker."""
        return self._worker.pid if self._worker is not None else None


def _read_loaded(data: Mapping[str, Any]) -> Loaded:
    try:
        if data["op"] != "loaded":
            raise ProtocolError("a message that was not asked for")
        return Loaded(
            failure=None if data["error"] is None else read_failure(data["error"]),
            cells=tuple((str(cell["block"]), read_failure(cell)) for cell in data["cells"]),
            missing=tuple(str(name) for name in data["missing"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ProtocolError(f"not an answer: {error!r}") from error


def _manner_of_death(status: int | None) -> str:
    if status is None or (os.WIFEXITED(status) and os.WEXITSTATUS(status) == _BROKEN):
        return "broke the worker that ran it (by closing descriptors, or replacing built-ins?)"
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return "used more processor time than the limit allows"
        with contextlib.suppress(ValueError):
            return f"ended the process with {signal.Signals(number).name}{_SIGNALS.get(number, '')}"
        return f"ended the process with signal {number}"
    return f"ended the process itself with exit code {os.WEXITSTATUS(status)} (os._exit?)"


_SIGNALS: dict[int, str] = {
    signal.SIGSEGV: " (a segmentation fault)",
    signal.SIGKILL: " (killed; perhaps the machine ran out of memory)",
    signal.SIGABRT: " (aborted)",
}
