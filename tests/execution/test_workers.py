"""Sessions, workers and servers: what a broken one becomes, and that nothing is left of any."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from grader.cases import Case, RnnSpec
from grader.course import CourseExercise
from grader.errors import InternalFault, UsageError
from grader.execution.bundles import Bundle
from grader.execution.limits import Limits
from grader.execution.protocol import Channel, Frame, checksum
from grader.execution.servers import ForkServer, SpawnServer, WorkerProcess, start_server
from grader.execution.session import Session
from grader.execution.traces import ItemsValue, OpaqueValue, TensorValue, Trace, tensors_of
from grader.grading import Grader
from grader.workbench import solution_bundle
from tests.sources import init_hidden

LIMITS = Limits(import_seconds=20.0, case_seconds=10.0, exercise_seconds=60.0, memory_mb=1024, output_kb=4)
SPEC = RnnSpec(kind="LSTM", input_size=2, hidden_size=3, num_layers=2, bidirectional=True, seed=5)
CASE = Case(parts={"rnn": SPEC, "batch_size": 4, "frozen": False})
CASES = [CASE, CASE.on(dtype="float32"), CASE.with_parts(batch_size=1), CASE.on(device="meta").with_options(light=True)]
UNPROTECTED = ("bubblewrap", "control group", "another user", "Landlock", "seccomp")
needs_proc = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system shows no /proc")


@pytest.fixture(scope="module")
def exercise(quick_grader: Grader) -> CourseExercise:
    """``init_hidden``."""
    return quick_grader.exercise("init_hidden")


OpenSession = Callable[..., Session]


@pytest.fixture
def session(server: ForkServer, exercise: CourseExercise) -> OpenSession:
    """``session(source)``: a session of ``init_hidden`` for a source."""

    def make(source: str, *, server: object = server, limits: Limits = LIMITS) -> Session:
        bundle = Bundle(files=(("submission.py", (("submission.py", source),)),), main="submission.py")
        return Session(server, bundle=bundle, drive=exercise.drive, names=["init_hidden"], limits=limits)

    return make


def reference(server: ForkServer, exercise: CourseExercise) -> Session:
    """A session of the reference."""
    bundle = solution_bundle(exercise)
    return Session(server, bundle=bundle, drive=exercise.drive, names=["init_hidden"], limits=LIMITS)


def alive(pid: int) -> bool:
    """Whether a process runs (one that has ended and waits to be collected does not); gives it time to end."""
    for _ in range(200):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
        except (FileNotFoundError, ProcessLookupError):
            return False
        if stat.rpartition(")")[2].split()[0] in "ZX":
            return False
        time.sleep(0.01)
    return True


# What is left


@pytest.fixture(scope="module")
def unprotected() -> Iterator[ForkServer]:
    """A fork server whose workers are kept from little: they see the same process ids and folders as the tests."""
    with closing(ForkServer(without=UNPROTECTED)) as server:
        yield server


@needs_proc
def test_a_worker_and_its_children_are_gone_after_its_session(session: OpenSession, unprotected: ForkServer) -> None:
    """Ending a session ends the worker and what it started, daemons too, and its folder with all that is in it."""
    source = init_hidden(
        before="import subprocess; open('notes.txt', 'w').write('x'); os.makedirs('deep/er')\n"
        "program = [sys.executable, '-c', 'import time; time.sleep(900)']\n"
        "child, daemon = subprocess.Popen(program), subprocess.Popen(program, start_new_session=True)\n"
        "print(child.pid, daemon.pid, os.getcwd(), flush=True)"
    )
    with session(source, server=unprotected) as one:
        assert one.load().failure is None
        pid = one.pid
        assert pid is not None
        os.kill(pid, 0)  # raises where there is no such process
    child, daemon, folder = one.printed.split()
    assert not Path(folder).exists()
    assert [each for each in (pid, int(child), int(daemon)) if alive(each)] == []
    assert one.pid is None


def test_what_is_temporary_goes_into_the_folder_of_the_worker(session: OpenSession) -> None:
    """A submission may save and load by way of a temporary file, which is in the folder that goes with its worker."""
    source = init_hidden(
        before="import tempfile\n"
        "with tempfile.NamedTemporaryFile(suffix='.pt') as file:\n"
        "    torch.save(torch.ones(3), file)\n"
        "    file.flush()\n"
        "    print(os.path.dirname(file.name) == os.getcwd() == os.environ['TMPDIR'], torch.load(file.name).sum())"
    )
    with session(source) as one:
        assert one.load().failure is None
    assert one.printed == "True tensor(3.)\n"


@needs_proc
@pytest.mark.parametrize("end", ["os._exit(3)", "os.kill(os.getpid(), signal.SIGKILL)", "time.sleep(900)"])
def test_workers_that_die_or_hang_leave_nothing(session: OpenSession, unprotected: ForkServer, end: str) -> None:
    """However a worker ends, its process and its folder are gone, and the next run has a fresh one."""
    source = init_hidden(f"batch_size == 4 and {end}", before="print(os.getpid(), os.getcwd(), flush=True)")
    pids = []
    with session(source, limits=Limits(case_seconds=0.5), server=unprotected) as one:
        for trace in one.run([CASE, CASE.with_parts(batch_size=2)]):
            pids.append((trace.failure is None, one.pid))
    (first_ok, _), (second_ok, second) = pids
    assert (first_ok, second_ok) == (False, True)
    first, folder = one.printed.split()
    assert not Path(folder).exists()
    assert not alive(int(first))
    assert int(first) != second


@needs_proc
def test_a_server_that_is_closed_leaves_no_process_and_no_folder(
    exercise: CourseExercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing the fork server ends it, the workers it still has, and removes the folders of all of them."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    server = ForkServer(without=UNPROTECTED)
    one = reference(server, exercise)
    one.load()
    assert list(tmp_path.glob("grader-*/*"))
    pids = [server.pid, one.pid]
    server.close()
    assert [pid for pid in pids if pid is not None and alive(pid)] == []
    assert list(tmp_path.iterdir()) == []
    one._worker.close()


# The server


def test_a_fork_server_that_is_gone_is_a_fault_of_the_grader(exercise: CourseExercise) -> None:
    """A dead fork server is never a verdict on a submission: load and run raise ``InternalFault``."""
    with closing(ForkServer()) as server:
        os.kill(server.pid, signal.SIGKILL)
        one = reference(server, exercise)
        with pytest.raises(InternalFault) as caught:
            one.load()
        assert str(caught.value) == "The fork server ended unexpectedly: exit code -9"
        with pytest.raises(InternalFault, match=r"^The fork server "):
            list(one.run([CASE]))


def test_a_fork_server_that_dies_under_a_session_is_a_fault_of_the_grader(exercise: CourseExercise) -> None:
    """When the fork server dies while a worker runs, the worker's end is not held against the submission."""
    with closing(ForkServer()) as server:
        one = reference(server, exercise)
        assert one.load().failure is None
        os.kill(server.pid, signal.SIGKILL)
        server._process.wait()
        with pytest.raises(InternalFault, match=r"^The fork server "):
            list(one.run([CASE]))


@pytest.mark.slow
def test_a_spawned_worker_gives_the_same_traces(
    server: ForkServer, exercise: CourseExercise, session: OpenSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``GRADER_START_METHOD=spawn`` changes how a worker starts and nothing of what it sends; output can't block it."""
    monkeypatch.setenv("GRADER_START_METHOD", "spawn")
    noisy = init_hidden(before="sys.stderr.write('x' * 300_000); print('y' * 300_000)")
    with closing(start_server()) as spawn:
        assert isinstance(spawn, SpawnServer)
        assert (spawn.torch_version, spawn.devices) == (server.torch_version, server.devices)
        with session(noisy, server=spawn) as spawned, session(noisy) as forked:
            for theirs, ours in zip(spawned.run(CASES), forked.run(CASES), strict=True):
                assert theirs.failure is None
                assert theirs == ours
                assert [array.tobytes() for array in arrays(theirs)] == [array.tobytes() for array in arrays(ours)]
            pid = spawned.pid
            assert pid is not None
            (folder,) = spawn._folders.values()
        assert not alive(pid)
        assert not Path(folder).exists()
        with session(init_hidden("os._exit(7)"), server=spawn) as dying:
            (trace,) = dying.run([CASE])
    assert trace.failure is not None
    assert (trace.failure.kind, "exit code 7" in trace.failure.text) == ("died", True)


def test_a_start_method_is_fork_or_spawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt one is said, instead of less protection; an empty one is none."""
    monkeypatch.setenv("GRADER_START_METHOD", "Fork")
    with pytest.raises(UsageError, match="GRADER_START_METHOD must be fork or spawn, got 'Fork'"):
        start_server()
    monkeypatch.setenv("GRADER_START_METHOD", "")
    with closing(start_server()) as server:
        assert isinstance(server, ForkServer)


def test_a_worker_that_ends_at_once_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its folder and process are gone, and it is a fault of ours, not a closed pipe."""
    with closing(SpawnServer()) as server:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        monkeypatch.setattr("grader.execution.servers._PACKAGE_ROOT", tmp_path)
        monkeypatch.setattr("sys.path", [])
        with pytest.raises(InternalFault, match="A worker did not start"):
            server.start(Limits(), bound_memory=False)
        assert list(tmp_path.iterdir()) == []
        assert not server._processes


def arrays(trace: Trace) -> Iterator[np.ndarray]:
    """Every array of a trace."""
    values = [value for moment in trace.moments for value in moment.values.values()]
    tensors: list[TensorValue] = [tensor for value in values for tensor in tensors_of(value)]
    return (tensor.array for tensor in tensors if tensor.array is not None)


# Memory, seen from outside


@needs_proc
def test_resident_memory_is_read_from_outside(session: OpenSession) -> None:
    """A run that measures resident memory has one reading a moment, and what a submission keeps shows in them."""
    calls = CASE.with_options(calls=6, measure="resident")
    keeps = init_hidden("kept.append(torch.ones(1 << 20))", before="kept = []")
    growth = {}
    for name, source in {"flat": init_hidden(), "keeps 4 MiB a call": keeps}.items():
        with session(source) as one:
            (trace,) = one.run([calls])
            assert trace.failure is None
            assert len(trace.resident) == len(trace.moments) == 6
            assert min(trace.resident) > 10 << 20
            growth[name] = trace.resident[-1] - trace.resident[1]
    assert growth["flat"] < 1 << 20
    assert growth["keeps 4 MiB a call"] > 15 << 20


def test_the_resident_memory_of_a_process_that_is_gone_is_unknown() -> None:
    """Where the system shows nothing, the reading is ``None`` and not 0."""
    ours, theirs = socket.socketpair()
    worker = WorkerProcess(pid=2**22 + 1, inner_pid=0, channel=Channel(ours), output=None, keep=0)
    assert worker.resident_bytes() is None
    theirs.close()
    ours.close()


def test_a_result_too_large_to_send_costs_no_worker(session: OpenSession) -> None:
    """What is over the limits of a frame is left out of the trace, which says so; the worker goes on."""
    tensor = "__import__('torch').zeros(1, dtype=__import__('torch').uint8).expand(200_000_000)"
    for value in (tensor, "[0] * 3_000_000"):
        with session(f"def init_hidden(rnn, batch_size): return {value}") as one:
            (trace,) = one.run([CASE.with_options(light=True)])
            assert one.pid is not None
        assert trace.failure is None
        (state,) = trace.named("state")
        last = state.items[-1] if isinstance(state, ItemsValue) else state
        assert isinstance(last, OpaqueValue)
        assert "too large" in last.type_name


# Workers that send nonsense


class Sends:
    """A server whose workers have already sent certain bytes after they were loaded, and are gone then."""

    means, torch_version, devices = (), "0", ()

    def __init__(self, loaded: bytes, *answers: bytes) -> None:
        self._loaded, self._answers = loaded, list(answers)
        self.reaped = 0

    def start(self, limits: Limits, *, bound_memory: bool) -> WorkerProcess:
        ours, theirs = socket.socketpair()
        theirs.sendall(self._loaded + (self._answers.pop(0) if self._answers else b""))
        self._end = theirs
        return WorkerProcess(pid=0, inner_pid=0, channel=Channel(ours), output=None, keep=0)

    def reap(self, worker: WorkerProcess, **_: object) -> int:
        worker.close()
        self._end.close()
        self.reaped += 1
        return 0

    def warm(self) -> None: ...

    def make_ready(self, drive: str) -> None: ...

    def close(self) -> None: ...


LOADED = Frame(data={"op": "loaded", "error": None, "cells": [], "missing": []}).to_bytes()
DONE = Frame(data={"op": "done"}).to_bytes()


def trace_frame(of: str = CASE.key, moments: object = (), blob: bytes = b"", **more: object) -> bytes:
    """A trace as a worker would send it, or nearly."""
    data = {"op": "trace", "of": checksum(of), "moments": moments, "outcome": {"returned": True}, **more}
    return Frame(data=data, blob=blob).to_bytes()


def framed(body: bytes, announced: int | None = None) -> bytes:
    """A frame with any bytes for its JSON."""
    return struct.pack(">II", len(body) if announced is None else announced, 0) + body


def tensor(**changes: object) -> list[object]:
    """One moment with one tensor on ``meta``, changed."""
    claimed = {"t": "tensor", "shape": [1], "dtype": "float32", "device": "meta", "contiguous": True}
    claimed |= {"requires_grad": False, "grad_fn": None, "numbers": False}
    return [{"values": {"state": {**claimed, **changes}}}]


GARBAGE = {
    "bytes that are no frame": (b"\xff" * 64, "a frame announces 4294967295 + 4294967295 bytes, over the limit"),
    "not JSON": (framed(b"spam"), "not JSON: Expecting value: line 1 column 1 (char 0)"),
    "JSON without end": (framed(b"[" * 200_000), None),
    "a list": (framed(b"[1]"), "expected a JSON object, got list"),
    "another message": (Frame(data={"op": "loaded"}).to_bytes(), "a message that was not asked for"),
    "the trace of another run": (trace_frame(of=CASES[1].key), "a message that was not asked for"),
    "no moments": (
        framed(json.dumps({"op": "trace", "of": checksum(CASE.key)}).encode()),
        "not a trace: KeyError('moments')",
    ),
    "moments that are a number": (trace_frame(moments=3), "not a trace: TypeError(\"'int' object is not iterable\")"),
    "a kind of value that isn't": (
        trace_frame(moments=[{"values": {"state": {"t": "verdict"}}}]),
        "not a trace: ValueError(\"no such kind of value: 'verdict'\")",
    ),
    "a negative size": (trace_frame(moments=tensor(shape=[-1])), "not a trace: ValueError('not a count: -1')"),
    "a tensor without its numbers": (
        trace_frame(moments=tensor(device="cpu", numbers=True)),
        "not a trace: KeyError('float32')",
    ),
    "a tensor that keeps its numbers to itself": (
        trace_frame(moments=tensor(device="cpu")),
        "not a trace: ValueError('a tensor on cpu without numbers')",
    ),
    "bytes that are no tensors": (trace_frame(moments=tensor(numbers=True), blob=b"spam" * 9), None),
    "a text that is a list": (
        trace_frame(moments=tensor(dtype=["float64"])),
        "not a trace: TypeError('not a text: list')",
    ),
    "a count that is a truth": (
        trace_frame(moments=[{"values": {}, "heap": True}]),
        "not a trace: ValueError('not a count: True')",
    ),
}


@pytest.mark.parametrize(("sent", "why"), GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_one_clear_failure_and_the_next_run_has_a_fresh_worker(
    session: OpenSession, sent: bytes, why: str | None
) -> None:
    """What is no trace is said to be none; the worker is ended, and the next run goes on in another one."""
    server = Sends(LOADED, sent, trace_frame() + DONE)
    with session("", server=server) as one:
        first, second = one.run([CASE, CASE])
    assert first.failure is not None
    assert (first.failure.kind, first.moments) == ("broken", ())
    assert first.failure.text.startswith("sent something that is no result: ")
    if why is not None:
        assert first.failure.text == f"sent something that is no result: {why}"
    assert (second, server.reaped) == (Trace(), 2)


def test_what_comes_behind_the_last_trace_is_garbage(session: OpenSession) -> None:
    """A trace counts as the last one only when the worker says that it has done: a frame that was put in shows."""
    put_in = trace_frame(moments=[{"values": {"state": None}}])
    for sent, text in ((trace_frame() + trace_frame() + DONE, "not asked for"), (put_in + trace_frame(), "asked for")):
        with session("", server=Sends(LOADED, sent)) as one:
            (trace,) = one.run([CASE])
        assert trace.failure is not None
        assert (trace.failure.kind, trace.moments) == ("broken", ())
        assert text in trace.failure.text
    with session("", server=Sends(LOADED, trace_frame() + DONE)) as one:
        assert list(one.run([CASE])) == [Trace()]


def test_garbage_in_answer_to_the_import_is_a_failure_of_the_import(session: OpenSession) -> None:
    """A worker that answers ``load`` with nonsense never gets a case."""
    for sent in (b"\xff" * 64, trace_frame(), framed(json.dumps({"op": "loaded"}).encode())):
        server = Sends(sent)
        with session("", server=server) as one:
            failure = one.load().failure
        assert failure is not None
        assert (failure.kind, server.reaped) == ("broken", 1)
        assert failure.text.startswith("sent something that is no result: ")


def test_after_three_deaths_the_rest_is_not_run(session: OpenSession) -> None:
    """A submission that kills every worker costs three of them, not one a case; the reason is told."""
    server = Sends(LOADED, b"\xff" * 8, b"\xff" * 8, b"\xff" * 8)
    with session("", server=server) as one:
        kinds = [trace.failure and trace.failure.kind for trace in one.run([CASE] * 6)]
    assert kinds == ["broken"] * 3 + ["not_run"] * 3
    assert server.reaped == 3
