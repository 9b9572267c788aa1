"""Code whose traces are kept: the reference and the misconceptions of an exercise, run once for all submissions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from grader.cases import Case
from grader.errors import InternalFault
from grader.execution.cache import Cache
from grader.execution.protocol import Frame
from grader.execution.traces import Trace, read_trace
from grader.execution.workers import Session


class KnownTraces:
    """Traces of one piece of known code, by run; computed when first asked for, and stored on disk.

    Args:
        open_session: makes a session that runs the code.
        cache: where traces are stored.
        key: what the traces depend on, besides the runs.
    """

    def __init__(self, open_session: Callable[[], Session], *, cache: Cache, key: Sequence[str]) -> None:
        self._open = open_session
        self._cache = cache
        self._key = tuple(key)
        self._frames: dict[str, Frame] = {}
        self._traces: dict[str, Trace] = {}
        self._session: Session | None = None

    def compute(self, runs: Mapping[str, Case]) -> None:
        """Makes sure that all of these runs are there: from memory, from the disk, or by running them."""
        if all(self._has(key) for key in runs):
            return
        for frame in self._cache.read(*self._key) or []:
            self._frames.setdefault(frame.data["key"], frame)
        missing = {key: case for key, case in runs.items() if not self._has(key)}
        if missing:
            self._run(missing)
            stored = [frame for key, frame in self._frames.items() if key in runs]
            self._cache.write(stored, *self._key)

    def trace(self, key: str, case: Case) -> Trace:
        """The trace of one run; run now where it isn't known."""
        if not self._has(key):
            self._run({key: case})
        if key not in self._traces:
            frame = self._frames[key]
            self._traces[key] = read_trace(frame, tuple(frame.data["resident"]))
        return self._traces[key]

    def close(self) -> None:
        """Ends the worker, if one was needed."""
        if self._session is not None:
            self._session.__exit__(None, None, None)
            self._session = None

    def _has(self, key: str) -> bool:
        return key in self._frames or key in self._traces

    def _run(self, runs: Mapping[str, Case]) -> None:
        if self._session is None:
            self._session = self._open()
        loaded = self._session.load()
        if loaded.failure is not None:
            raise InternalFault(f"A solution of the course can't be run: {loaded.failure}.")
        if loaded.missing:
            raise InternalFault(f"A solution of the course does not define {', '.join(loaded.missing)}.")
        for key, trace in zip(runs, self._session.run(list(runs.values())), strict=True):
            self._traces[key] = trace
            frame = self._session.last_frame
            if frame is not None:
                self._frames[key] = Frame(
                    data={**frame.data, "key": key, "resident": list(trace.resident)}, blob=frame.blob
                )


def in_order(runs: Mapping[str, Case], keys: Iterable[str]) -> dict[str, Case]:
    """The runs with these keys, in the order of ``runs``."""
    wanted = set(keys)
    return {key: case for key, case in runs.items() if key in wanted}
