"""Code whose traces are kept: the reference and the misconceptions of an exercise, run once for all submissions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from grader.cases import Case
from grader.errors import GraderError
from grader.execution.cache import Cache
from grader.execution.protocol import Frame
from grader.execution.session import Loaded, Session
from grader.execution.traces import ReadTrace, Trace, read_trace, read_trace_of

MOST_SPARE = 400  # runs that were asked for one by one, as shrinking does; the last ones may be asked for again


class KnownTraces:
    """Traces of one piece of known code, by run; computed when first asked for, and stored on disk.

    Args:
        open_session: makes a session that runs the code.
        cache: where traces are stored.
        key: what the traces depend on, besides the runs.
        check_loaded: raises where the code can't be run at all.
        read: reads the trace in a frame.
        check_run: raises where a run that is computed tells that something else is to blame than the code.
    """

    def __init__(
        self,
        open_session: Callable[[], Session],
        *,
        cache: Cache,
        key: Sequence[str],
        check_loaded: Callable[[Loaded], None],
        read: ReadTrace = read_trace_of,
        check_run: Callable[[Case, Trace], None] | None = None,
    ) -> None:
        self._open = open_session
        self._check_loaded, self._check_run = check_loaded, check_run
        self._read = read
        self._cache = cache
        self._key = tuple(key)
        self._frames: dict[str, Frame] = {}
        self._resident: dict[str, tuple[int, ...]] = {}
        self._traces: dict[str, Trace] = {}
        self._spare: dict[str, None] = {}  # in their order
        self._session: Session | None = None

    def compute(self, runs: Mapping[str, Case]) -> None:
        """Makes sure that all of these runs are there: from memory, from the disk, or by running them."""
        for key in runs:
            self._spare.pop(key, None)
        if all(self._has(key) for key in runs):
            return
        stored = iter(self._cache.read(*self._key) or [])
        for label, frame in zip(stored, stored, strict=True):
            self._frames.setdefault(label.data["key"], frame)
            self._resident.setdefault(label.data["key"], tuple(label.data["resident"]))
        missing = {key: case for key, case in runs.items() if not self._has(key)}
        if missing:
            try:
                self._run(missing)
                if self._check_run is not None:
                    for key, case in missing.items():
                        self._check_run(case, self._traces[key])
            except GraderError:
                self.close()
                raise
            kept: list[Frame] = []
            for key, frame in self._frames.items():
                if key in runs:
                    kept += [Frame(data={"key": key, "resident": list(self._resident[key])}), frame]
            self._cache.write(kept, *self._key)

    def trace(self, key: str, case: Case) -> Trace:
        """The trace of one run; run now where it isn't known. The last of these are kept, those computed all."""
        if not self._has(key):
            self._run({key: case})
            self._spare[key] = None
            if len(self._spare) > MOST_SPARE:
                oldest = next(iter(self._spare))
                for kept in (self._spare, self._frames, self._resident, self._traces):
                    kept.pop(oldest, None)
        return self._trace(key)

    def _trace(self, key: str) -> Trace:
        if key not in self._traces:
            self._traces[key] = self._read(key, self._frames[key], self._resident[key])
        return self._traces[key]

    def read(self, key: str, frame: Frame, resident: tuple[int, ...]) -> Trace:
        """The trace in a frame that other code sent for a run: this very one where the two are the same bytes."""
        ours = self._frames.get(key)
        if ours is None or resident or frame.body != ours.body or frame.blob != ours.blob:
            return read_trace(frame, resident)
        return self._trace(key)

    def is_own(self, key: str, trace: Trace) -> bool:
        """Whether a trace is the one that is known of a run."""
        return self._traces.get(key) is trace

    @property
    def frames(self) -> Mapping[str, Frame]:
        """The frames that are known, by run."""
        return self._frames

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
        self._check_loaded(self._session.load())
        for key, trace in zip(runs, self._session.run(list(runs.values()), self._read), strict=True):
            self._traces[key] = trace
            frame = self._session.last_frame
            if frame is not None:
                self._frames[key], self._resident[key] = frame, trace.resident


def in_order(runs: Mapping[str, Case], keys: Iterable[str]) -> dict[str, Case]:
    """The runs with these keys, in the order of ``runs``."""
    wanted = set(keys)
    return {key: case for key, case in runs.items() if key in wanted}
