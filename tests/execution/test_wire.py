"""The wire: whatever a hostile worker sends, the grader ends with one clear verdict, and no larger than before."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import struct
import threading
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from grader.cases import Case, RnnSpec
from grader.execution.bundles import Bundle
from grader.execution.cache import Cache
from grader.execution.limits import Limits
from grader.execution.protocol import (
    MAX_BLOB_BYTES,
    MAX_JSON_BYTES,
    MAX_TEXT,
    MAX_VALUES,
    Channel,
    Frame,
    ProtocolError,
    checksum,
)
from grader.execution.servers import WorkerProcess
from grader.execution.session import Session
from grader.execution.traces import Trace, read_trace, read_trace_of, tensors_of, within_bounds
from grader.grading import Grader, Options
from grader.judging import judge
from grader.workbench import solution_bundle
from tests.conftest import GradeSource
from tests.sources import init_hidden, messages

CASE = Case(parts={"rnn": RnnSpec(kind="GRU", input_size=2, hidden_size=3), "batch_size": 4, "frozen": False})
OTHER = CASE.with_parts(batch_size=2)
LIMITS = Limits(import_seconds=0.3, case_seconds=0.3, exercise_seconds=60.0)
IN_ONE_PIECE = 1 << 15  # bytes that a socket takes though nobody reads yet
MANY = settings(deadline=None, max_examples=1_000, suppress_health_check=list(HealthCheck))
SOME = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


class Fed:
    """A server whose workers send certain bytes, as fast as they are read, and then end, or wait for ever."""

    means, torch_version, devices = (), "0", ()

    def __init__(self, *sent: bytes, ends: bool = True) -> None:
        self._sent, self._at_its_end = list(sent), ends
        self._other_end: socket.socket | None = None
        self._sender: threading.Thread | None = None

    def start(self, limits: Limits, *, bound_memory: bool) -> WorkerProcess:
        ours, self._other_end = socket.socketpair()
        raw = self._sent.pop(0) if self._sent else b""
        if len(raw) <= IN_ONE_PIECE:
            self._send(raw)
        else:
            self._sender = threading.Thread(target=self._send, args=(raw,))
            self._sender.start()
        return WorkerProcess(pid=0, inner_pid=0, channel=Channel(ours), output=None, keep=0)

    def _send(self, raw: bytes) -> None:
        assert self._other_end is not None
        with contextlib.suppress(OSError):  # the grader has hung up
            self._other_end.sendall(raw)
            if self._at_its_end:
                self._other_end.shutdown(socket.SHUT_WR)

    def reap(self, worker: WorkerProcess, **_: object) -> int:
        assert self._other_end is not None
        worker.close()
        if self._sender is not None:
            self._sender.join()
            self._sender = None
        self._other_end.close()
        return 0

    def warm(self) -> None: ...

    def make_ready(self, drive: str) -> None: ...

    def close(self) -> None: ...


def framed(body: bytes, blob: bytes = b"", *, announced: tuple[int, int] | None = None) -> bytes:
    """A frame of any bytes, whose lengths may lie."""
    return struct.pack(">II", *(announced or (len(body), len(blob)))) + body + blob


def to_bytes(data: object) -> bytes:
    """JSON as a worker may write it: with NaN, Infinity and lone surrogates."""
    return json.dumps(data).encode()


LOADED = framed(to_bytes({"op": "loaded", "error": None, "cells": [], "missing": []}))
DONE = framed(to_bytes({"op": "done"}))


def traces_of(*sent: bytes, ends: bool = True, limits: Limits = LIMITS) -> list[Trace]:
    """What two runs come to, where workers send these bytes one after the other; checks that each has one verdict."""
    bundle = Bundle.of_one_file("submission.py", "")
    with Session(Fed(*sent, ends=ends), bundle=bundle, drive="", names=["f"], limits=limits) as session:
        traces = list(session.run([CASE, OTHER]))
    assert len(traces) == 2
    for trace in traces:
        assert_clear(trace)
    return traces


def assert_clear(trace: Trace) -> None:
    """A trace is one that can be told, compared and walked, of a bounded size; or says in a line why it is none."""
    repr(trace)
    assert trace == trace
    if trace.failure is not None:
        assert trace.failure.kind in ("raised", "broken", "timeout", "died", "not_run")
        assert len(str(trace.failure)) < 5 * MAX_TEXT  # four texts, and what stands between them
        if trace.failure.kind != "raised":
            assert len(trace.failure.text) < 400
            assert trace.moments == ()
    values = [value for moment in trace.moments for value in moment.values.values()]
    assert len(values) <= MAX_VALUES
    for value in values:
        assert (
            sum(tensor.array.nbytes for tensor in tensors_of(value) if tensor.array is not None) <= 2 * MAX_BLOB_BYTES
        )


# Strategies

JUNK: list[Any] = [None, True, 0, -1, 2**63 - 1, 10**19, 1.5, 1e308, float("nan"), float("-inf"), "", "x" * 2_100]
JUNK += ["\ud800", "\x1b[31m", "\u202e", [], {}, [[[[[[]]]]]], [0] * 300, {"t": "opaque", "type": "x"}, {"t": "items"}]
JUNK += [{"t": "accepted", "expected": "ValueError"}, {"t": "table", "type": "dict", "keys": ["a"], "values": [0]}]
JUNK += [{"t": "items", "base": "list", "type": "list", "items": []}]
NUMBERS = [b"1e999", b"-1e999", b"NaN", b"Infinity", b"-0", b"9" * 25, b"9" * 5_000, b"1" * 400_000, b"0.1e-999"]
OPENINGS = [b"[" * 70, b"[" * 100_000, b'{"a":' * 100_000, b'"', b'"\\ud800"', b'"\xff"', b"nul", b"{}", b"[]"]


def wired(**changes: object) -> dict[str, object]:
    """A tensor of six numbers as a worker describes it."""
    claims = {"t": "tensor", "shape": [2, 3], "dtype": "float64", "device": "cpu", "contiguous": True}
    return claims | {"requires_grad": False, "grad_fn": None, "numbers": True} | changes


def run_data(case: Case = CASE, value: object = None, **more: object) -> dict[str, object]:
    """A trace of one moment."""
    moments = [{"values": {"state": wired() if value is None else value}, "heap": 1, "nodes": 2, "device": None}]
    return {"op": "trace", "of": checksum(case.key), "moments": moments, "outcome": {"returned": True}, **more}


SIX = save({"float64": np.arange(6.0)})
SIZES = st.sampled_from([0, 1, 2, 3, 6, 2**31, 2**32, 2**62, 2**63 - 1, 2**64 + 1, -1, None, 1.0, True, "6"])
VALUES = st.recursive(
    st.sampled_from(JUNK)
    | st.builds(
        wired,
        shape=st.lists(SIZES, max_size=4) | st.sampled_from([[1] * 65, [2**62] * 3, [1] * 9_000, [0, 2**40]]),
        dtype=st.sampled_from(["float64", "float32", "bfloat16", "complex128", "bool", "verdict", "", None]),
        device=st.sampled_from(["cpu", "meta", "cuda", "", None]),
        numbers=st.sampled_from([True, False, None, 1]),
    ),
    lambda inner: st.builds(
        lambda kind, items: (
            {"t": "items", "base": kind, "type": kind, "items": items}
            if kind != "dict"
            else {"t": "table", "type": kind, "keys": [str(i) for i in range(len(items))], "values": items}
        ),
        st.sampled_from(["tuple", "list", "dict", "set"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=5,
)
OUTCOMES = st.sampled_from([{"returned": True}, {"returned": False}, {}, None, []]) | st.fixed_dictionaries(
    {
        "returned": st.just(False),
        "text": st.sampled_from(JUNK),
        "types": st.sampled_from(JUNK) | st.lists(st.sampled_from(["ValueError", "x" * 2_100, 3]), max_size=200),
        "file": st.sampled_from(JUNK),
        "line": st.sampled_from(JUNK),
        "function": st.sampled_from(JUNK),
    }
)
HEADERS = st.sampled_from(
    [
        b'{"float64":{"dtype":"F64","shape":[6],"data_offsets":[0,%d]}}',
        b'{"float64":{"dtype":"F64","shape":[6],"data_offsets":[48,0]},"x":{"dtype":"%d","shape":[],"data_offsets":[]}}',
        b'{"float64":{"dtype":"F64","shape":[6],"data_offsets":[0,48]},"float32":{"dtype":"F32","shape":[%d],'
        b'"data_offsets":[24,48]}}',
        b'{"float64":{"dtype":"F64","shape":[6],"data_offsets":[0,48]},"float64":{"dtype":"F64","shape":[%d],'
        b'"data_offsets":[0,48]}}',
        b'{"float64":{"dtype":"F64","shape":[4294967296,4294967296,4294967296,%d],"data_offsets":[0,48]}}',
        b'{"float64":{"dtype":"F64","shape":[-6,-%d],"data_offsets":[0,48]}}',
        b'{"float64":{"dtype":"F8_E4M3","shape":[%d],"data_offsets":[0,48]}}',
        b'{"float64":{"dtype":"V\xc3\xa9rit\xc3\xa9","shape":[%d],"data_offsets":[0,48]}}',
        b'{"float64":{"dtype":"F64","shape":[6],"data_offsets":[0,18446744073709551615]},"%d":3}',
        b'{"__metadata__":{"a":"%d"},"float64":{"dtype":"F64","shape":[6],"data_offsets":[0,48]}}',
        b'{"%d":' * 500 + b"1" + b"}" * 500,
        b"{" + b",".join(b'"%d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}' for _ in range(400)) + b"}",
        b"%d",
        b"",
    ]
)


@st.composite
def blobs(draw: st.DrawFn) -> bytes:
    """Safetensors, or what lies about being such."""
    header = draw(HEADERS)
    header = header.replace(b"%d", str(draw(st.sampled_from([0, 6, 48, 2**40, 2**64]))).encode())
    header_bytes = draw(st.sampled_from([len(header)] * 5 + [0, 1, len(header) + 9, 2**31, 2**63]))
    return struct.pack("<Q", header_bytes) + header + bytes(draw(st.sampled_from([0, 24, 47, 48, 49])))


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """One frame: whole but strange, or broken in its JSON, its bytes, or its lengths."""
    case = draw(st.sampled_from([CASE, CASE, CASE, OTHER]))
    kind = draw(st.sampled_from(["value", "value", "outcome", "blob", "blob", "json", "op", "lengths", "right"]))
    data, body, blob = run_data(case), b"", SIX
    announced: tuple[int, int] | None = None
    match kind:
        case "value":
            moments = [{"values": {"state": each}} for each in draw(st.lists(VALUES, max_size=3))]
            data["moments"] = draw(st.sampled_from([moments, *JUNK]) if draw(st.booleans()) else st.just(moments))
        case "outcome":
            data["outcome"] = draw(OUTCOMES)
        case "blob":
            blob = draw(blobs())
        case "op":
            data["op"] = draw(st.sampled_from(["moment", "loaded", "go", "run", *JUNK]))
        case "json":
            token = draw(st.sampled_from(NUMBERS + OPENINGS))
            whole = to_bytes(run_data(case, "HERE"))
            body = draw(st.sampled_from([whole.replace(b'"HERE"', token), token, whole[: len(whole) // 2] + token]))
        case "lengths":
            sizes = st.sampled_from([0, 1, 7, MAX_JSON_BYTES, MAX_JSON_BYTES + 1, MAX_BLOB_BYTES + 1, 2**32 - 1])
            announced = draw(st.tuples(sizes, sizes))
    return framed(body or to_bytes(data), blob, announced=announced)


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """What a worker sends after it was loaded: frames that are cut, doubled, reordered, flooded with, or any bytes."""
    sent = draw(st.lists(frames(), min_size=1, max_size=3))
    sent = draw(st.permutations(sent + sent[:1] * draw(st.integers(0, 2))))
    raw = b"".join([framed(to_bytes({"op": "moment"}))] * draw(st.sampled_from([0, 0, 0, 1, 50])) + sent)
    raw += DONE * draw(st.sampled_from([1, 1, 0, 2]))
    match draw(st.sampled_from(["whole", "whole", "cut", "changed", "before"])):
        case "cut":
            raw = raw[: draw(st.integers(0, len(raw)))]
        case "changed":
            at = draw(st.integers(0, len(raw) - 1))
            raw = raw[:at] + draw(st.binary(min_size=1, max_size=4)) + raw[at + draw(st.integers(0, 9)) :]
        case "before":
            raw = draw(st.binary(max_size=12)) + raw
    return raw


# From the socket to the trace


@MANY
@given(streams(), streams())
def test_whatever_is_sent_is_a_trace_or_one_clear_failure(first: bytes, second: bytes) -> None:
    """Of thousands of streams none makes the grader raise, or gives a run no verdict, or two."""
    traces_of(LOADED + first, LOADED + second, LOADED + first)


@MANY
@given(st.sampled_from(["error", "cells", "missing", "op"]), st.sampled_from(JUNK), OUTCOMES, st.binary(max_size=2))
@example("missing", [["x"]], None, b"")
@example("error", None, {"returned": False, **dict.fromkeys(("text", "types", "file", "line", "function"), "x")}, b"")
def test_whatever_is_said_to_be_loaded(key: str, junk: object, outcome: object, more: bytes) -> None:
    """An answer to the import that is none fails the import, for every run alike."""
    answer: dict[str, object] = {"op": "loaded", "error": None, "cells": [], "missing": []}
    for strange in ({key: junk}, {"error": outcome}, {"cells": [outcome, {"block": junk}]}):
        bundle = Bundle.of_one_file("submission.py", "")
        server = Fed(framed(to_bytes(answer | strange)) + more)
        with Session(server, bundle=bundle, drive="", names=["f"], limits=LIMITS) as session:
            loaded = session.load()
        if loaded.failure is not None:
            assert_clear(Trace(failure=loaded.failure))


@SOME
@given(frames(), st.sampled_from([0, 1, 7, 8, 9, 20, -1]))
def test_who_stops_in_the_middle_is_waited_for_only_so_long(raw: bytes, at: int) -> None:
    """A worker that falls silent within a frame, or before it, is out of time, and the other run is not run in it."""
    limits = Limits(import_seconds=5.0, case_seconds=0.02, exercise_seconds=60.0)
    first, _ = traces_of(LOADED + raw[:at], LOADED + raw[:at], ends=False, limits=limits)
    assert first.failure is not None
    assert first.failure.kind in ("timeout", "broken")


class Flooding(Fed):
    """A server whose workers send moments for as long as anybody reads, and read all that they are sent."""

    def _send(self, raw: bytes) -> None:
        assert self._other_end is not None
        self._other_end.sendall(LOADED)
        for endless in (self._flood, self._read):
            threading.Thread(target=endless, args=(self._other_end.dup(),), daemon=True).start()

    def _flood(self, end: socket.socket) -> None:
        with end, contextlib.suppress(OSError):
            while True:
                end.sendall(framed(to_bytes({"op": "moment"})) * 50)

    def _read(self, end: socket.socket) -> None:
        with end, contextlib.suppress(OSError):
            while end.recv(65_536):
                pass


@pytest.mark.parametrize(("measure", "kind"), [("resident", "timeout"), ("heap", "broken")])
def test_moments_without_end_end(measure: str, kind: str) -> None:
    """Moments are answered where a run has them, up to its time, and nowhere else."""
    bundle = Bundle.of_one_file("submission.py", "")
    with Session(Flooding(), bundle=bundle, drive="", names=["f"], limits=LIMITS) as session:
        (trace,) = session.run([CASE.with_options(measure=measure)])
    assert trace.failure is not None
    assert trace.failure.kind == kind


@pytest.mark.parametrize("came", [0, 1, 3])
def test_each_moment_has_its_own_reading_of_memory(came: int) -> None:
    """Moments that a submission announces itself would shift the readings to where nothing has grown yet."""
    case = CASE.with_options(measure="resident")
    trace = to_bytes(run_data(case, moments=[{"values": {}}] * 2))
    sent = LOADED + framed(to_bytes({"op": "moment"})) * came + framed(trace)
    bundle = Bundle.of_one_file("submission.py", "")
    with Session(Fed(sent, ends=False), bundle=bundle, drive="", names=["f"], limits=LIMITS) as session:
        (read,) = session.run([case])
    assert read.failure is not None
    assert f"{came} readings of memory for 2 moments" in read.failure.text


class Printing(Fed):
    """A server whose workers print for as long as anybody reads, and do nothing else."""

    def start(self, limits: Limits, *, bound_memory: bool) -> WorkerProcess:
        worker = super().start(limits, bound_memory=bound_memory)
        endless = os.open("/dev/zero", os.O_RDONLY)
        return WorkerProcess(pid=0, inner_pid=0, channel=worker.channel, output=endless, keep=9)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="the system has no file without end")
def test_printing_without_end_ends() -> None:
    """What is printed is read up to the limit of a run, and no longer."""
    bundle = Bundle.of_one_file("submission.py", "")
    with Session(Printing(LOADED, ends=False), bundle=bundle, drive="", names=["f"], limits=LIMITS) as session:
        (trace,) = session.run([CASE])
    assert trace.failure is not None
    assert trace.failure.kind == "timeout"


# What it may cost

LARGE = {
    "empty lists": b'{"a":[' + b"[]," * (MAX_JSON_BYTES // 3 - 9) + b"0]}",
    "small objects": b'{"a":[' + b'{"":0},' * (MAX_JSON_BYTES // 7 - 9) + b"0]}",
    "numbers": b'{"a":[' + b"1e9," * (MAX_JSON_BYTES // 4 - 9) + b"0]}",
    "wide characters": b'{"a":"' + "\U0001f40d".encode() + b"x" * (MAX_JSON_BYTES - 99) + b'"}',
    "many keys": b"{" + b",".join(b'"%d":0' % n for n in range(MAX_JSON_BYTES // 11)) + b"}",
    "empty moments": to_bytes(run_data(moments=[{"values": {}}] * (MAX_JSON_BYTES // 17))),
    "plain values": to_bytes(run_data(CASE, {"t": "items", "base": "list", "type": "", "items": [0] * 600_000})),
    "names of an error": to_bytes(
        run_data(
            outcome={"returned": False, "types": [""] * 400_000, "text": "", "file": None, "line": 0, "function": ""}
        )
    ),
    "one long text": to_bytes(run_data(CASE, "x" * (MAX_JSON_BYTES - 999))),
    "a kind of value that is long": to_bytes(run_data(CASE, {"t": "x" * (MAX_JSON_BYTES - 999)})),
    "axes": to_bytes(run_data(CASE, wired(shape=[10**18] * 90_000, device="meta", numbers=False))),
}


@pytest.mark.parametrize("body", LARGE.values(), ids=LARGE)
def test_no_json_grows_the_grader(body: bytes) -> None:
    """The largest JSON that is taken, of whatever decodes to most, costs a bounded multiple of it, and leaves less."""
    assert len(body) <= MAX_JSON_BYTES
    kept, peak = cost_of(LOADED + framed(body))
    assert peak < 50 * MAX_JSON_BYTES
    assert kept < MAX_JSON_BYTES


def cost_of(*sent: bytes) -> tuple[int, int]:
    """Bytes of Python that are kept of what two runs come to, and at most while they are read."""
    tracemalloc.start()
    try:
        traces = traces_of(*sent)
        kept, peak = tracemalloc.get_traced_memory()
        assert traces
    finally:
        tracemalloc.stop()
    return kept, peak


@settings(SOME, max_examples=200)
@given(streams())
def test_what_is_sent_costs_little(raw: bytes) -> None:
    """Small streams, whatever they claim, cost the grader little: nothing is made of a length or a shape alone."""
    kept, peak = cost_of(LOADED + raw)
    assert peak < 40 * len(raw) + (8 << 20)
    assert kept < len(raw) + (2 << 20)


def test_numbers_cost_what_they_weigh() -> None:
    """The largest block of numbers costs a few times its bytes while it is read."""
    flat = np.zeros(MAX_BLOB_BYTES // 8 - 64)
    blob = save({"float64": flat})
    _, peak = cost_of(LOADED + framed(to_bytes(run_data(CASE, wired(shape=[flat.size]))), blob))
    assert peak < 5 * MAX_BLOB_BYTES


def test_traces_together_have_a_bound() -> None:
    """Hundreds of the largest traces are not kept: after some of them the next is refused, however small."""
    frame, _ = Frame.from_bytes(framed(to_bytes(run_data()), SIX))
    large, _ = Frame.from_bytes(framed(to_bytes(run_data()), bytes(MAX_BLOB_BYTES - 9)))
    taken: list[str] = []

    def read(key: str, frame: Frame, resident: tuple[int, ...]) -> Trace:
        taken.append(key)
        return Trace()

    bounded = within_bounds(read, runs=20)
    for name in "ab":
        bounded(name, large, ())
    with pytest.raises(ProtocolError, match=r"^more than 1 MiB a run, in 20 runs$"):
        bounded("c", large, ())
    assert taken == ["a", "b"]
    read_all = within_bounds(read_trace_of, runs=200)
    assert all(read_all("k", frame, ()) == read_trace(frame) for _ in range(200))


# From the trace to the verdict

JUDGED = ("init_hidden", "train_truncated", "run_batch", "learned_initial_state", "stream_server", "generate")


def sent_by(grader: Grader, name: str) -> dict[str, Frame]:
    """What the reference of an exercise sends, by run."""
    bench = grader.workbench(name)
    with grader.session(bench.exercise, solution_bundle(bench.exercise)) as session:
        sent = {}
        for key, trace in zip(bench.plan.runs, session.run(list(bench.plan.runs.values())), strict=True):
            assert session.last_frame is not None, trace.failure
            sent[key] = session.last_frame
    return sent


@pytest.fixture(scope="module")
def sent(quick_grader: Grader) -> Callable[[str, str], Frame]:
    """What the references of some exercises send, by exercise and run: between them they have every law."""
    frames = {name: sent_by(quick_grader, name) for name in JUDGED}
    return lambda name, key: frames[name][key]  # whose repr is not megabytes


def mangled(frame: Frame, chance: random.Random) -> Frame:
    """A frame that says something else in a few places, mostly still a trace; as it arrives."""
    data, blob = json.loads(json.dumps(frame.data)), frame.blob
    for _ in range(chance.choice([1, 1, 2, 4])):
        places = list(_places(data["moments"])) if isinstance(data["moments"], list) else []
        if not places:
            break
        outer, key = chance.choice(places)
        there = outer[key]
        match chance.choice(["drop", "double", "swap", "junk", "number", "shape"]):
            case "drop":
                del outer[key]
            case "double" if isinstance(outer, list):
                outer.insert(key, json.loads(json.dumps(there)))
            case "swap":
                other = chance.choice([key for each, key in places if each is outer])
                outer[key], outer[other] = outer[other], outer[key]
            case "junk":
                outer[key] = json.loads(json.dumps(chance.choice(JUNK)))
            case "number" if type(there) in (int, float):
                outer[key] = chance.choice(
                    [0, -1, 1, 10**19, 1e308, float("nan"), float("inf"), -float("inf"), there * 3]
                )
            case "shape" if isinstance(there, list) and there and all(type(size) is int for size in there):
                outer[key] = chance.choice([there[::-1], [1, *there], [*there, 1], [int(np.prod(there))], [0, *there]])
    if blob and chance.random() < 0.3:
        start = 8 + int.from_bytes(blob[:8], "little")
        noise = chance.choice([b"\xff" * 8, b"\x00" * 8, b"\x00\x00\x00\x00\x00\x00\xf0\x7f", bytes(range(8))])
        numbers = len(blob) - start
        blob = blob[:start] + chance.choice([(noise * numbers)[:numbers], noise[:numbers] + blob[start + 8 :]])
    return Frame.from_bytes(framed(to_bytes(data), blob[: len(frame.blob)]))[0]


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in JSON, as what holds it and the key there."""
    keys: Sequence[Any] = list(data) if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for key in keys:
        yield data, key
        yield from _places(data[key])


@MANY
@given(st.sampled_from(JUDGED), st.integers(0, 2**32), st.integers(0, 2**32))
def test_whatever_a_trace_claims_it_is_judged(
    quick_grader: Grader, sent: Callable[[str, str], Frame], name: str, which: int, seed: int
) -> None:
    """Every law finds something or nothing in a trace that says anything at all; none raises."""
    bench, chance = quick_grader.workbench(name), random.Random(seed)
    laws = [law for law in bench.plan.properties if any(task.law is law for task in bench.plan.tasks)]
    law = laws[which % len(laws)]
    tasks = [task for task in bench.plan.tasks if task.law is law]
    task = tasks[which // 97 % len(tasks)]
    came = {}
    for key in set(task.runs.values()):
        frame = sent(name, key)
        try:
            came[key] = read_trace(mangled(frame, chance) if chance.random() < 0.7 else frame)
        except ProtocolError:
            return
    traces = {label: came[key] for label, key in task.runs.items()}
    declared = bench.exercise.declared
    finding = judge(declared, law, task.case, traces, bench.reference, bench.plan.runs, task.runs)
    law.remark(traces)
    if finding is not None:
        assert all(len(text) < 4 * MAX_TEXT for text in (finding.message, finding.expected, finding.got))


FINDS_ITS_SOCKET = """
import json, socket, stat, struct
wire = next(fd for fd in range(3, 256) if os.path.exists(f"/proc/self/fd/{fd}") and stat.S_ISSOCK(os.fstat(fd).st_mode))
def send(raw):
    while raw:
        raw = raw[os.write(wire, raw):]
def frame(data, blob=b""):
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return struct.pack(">II", len(body), len(blob)) + body + blob
def asked():  # what the worker was asked for, in the frames that called us
    here = sys._getframe()
    while "text" not in here.f_locals or "observer" not in here.f_locals:
        here = here.f_back
    import zlib
    return zlib.crc32(here.f_locals["text"].encode())
def forged(**more):
    return frame({"op": "trace", "of": asked(), "moments": [], "outcome": {"returned": True}, **more})
"""
ATTACKS = {  # as the import ends, as each call begins
    "a forged answer to the import": (
        "send(frame({'op': 'loaded', 'error': None, 'cells': [], 'missing': []}))",
        "pass",
    ),
    "bytes before the answer": ("send(b'\\xff' * 64)", "pass"),
    "bytes before a trace": ("", "send(b'\\x00' * 7)"),
    "bytes all the time": ("threading.Thread(target=lambda: [send(b'\\x7f') for _ in range(9999)]).start()", "pass"),
    "forged traces, empty": ("", "send(forged())"),
    "a flood of forged traces": ("", "send(forged() * 3000)"),
    "forged traces for all that comes": ("", "send(b''.join(forged(of=n) for n in range(2000)))"),
    "a length that never comes": ("", "send(struct.pack('>II', 2000, 0)); time.sleep(60)"),
    "a length over the limit": ("", "send(struct.pack('>II', 2**32 - 1, 2**32 - 1))"),
    "a byte now and then": ("", "[(send(b'\\x00'), time.sleep(0.1)) for _ in range(600)]"),
    "deep JSON": ("", "send(frame(b'[' * 1_000_000))"),
    "JSON that decodes to much": ("", "send(frame(b'{\"a\":[' + b'[],' * 600_000 + b'0]}'))"),
    "moments that nobody asked for": ("", "send(frame({'op': 'moment'}) * 40)"),
    "silence": ("", "os.close(wire); time.sleep(60)"),
    "the other direction closed": ("socket.socket(fileno=os.dup(wire)).shutdown(socket.SHUT_RD)", "pass"),
}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="a submission finds its socket in /proc")
@pytest.mark.parametrize(("at_import", "at_call"), ATTACKS.values(), ids=ATTACKS)
def test_a_submission_that_writes_to_the_wire_gains_nothing(
    small_grader: Grader, grade_source: GradeSource, at_import: str, at_call: str
) -> None:
    """A real worker whose submission found the socket: no points, a reason in words, and the next one is unharmed."""
    result = grade_source(
        init_hidden(at_call, before=FINDS_ITS_SOCKET, after=at_import), "init_hidden", grader=small_grader
    )
    assert (result.status in ("failed", "error"), result.score) == (True, 0)
    assert all(messages(result))
    assert grade_source(init_hidden(), "init_hidden", grader=small_grader).status == "passed"


class Mangling:
    """A server whose workers lie about what one piece of code did, in the same way each time, and about no other."""

    def __init__(self, server: Any, seed: int) -> None:
        self._server, self._seed = server, seed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server, name)

    def start(self, limits: Limits, *, bound_memory: bool) -> Any:
        worker = self._server.start(limits, bound_memory=bound_memory)
        worker.channel = LyingChannel(worker.channel, self._seed)
        return worker


class LyingChannel:
    """A channel to a worker that changes every other trace of ``submission.py``."""

    def __init__(self, channel: Channel, seed: int) -> None:
        self._channel, self._seed, self._lies = channel, seed, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def send(self, frame: Frame, **options: Any) -> None:
        if frame.data["op"] == "load":
            self._lies = frame.data["code"]["main"] == "submission.py"
        self._channel.send(frame, **options)

    def receive(self, **options: Any) -> Frame:
        frame = self._channel.receive(**options)
        chance = random.Random(f"{self._seed}, {frame.data.get('of')}")
        lies = self._lies and frame.data["op"] == "trace" and chance.random() < 0.5
        return mangled(frame, chance) if lies else frame


@pytest.mark.slow
@pytest.mark.parametrize("name", ["init_hidden", "learned_initial_state"])
def test_whatever_traces_claim_there_is_a_report(quick_grader: Grader, cache: Cache, name: str) -> None:
    """Lies that stand through confirming, shrinking and diagnosis end in a report, with fewer points than the truth."""
    source = quick_grader.exercise(name).solution
    assert source is not None
    for seed in range(3):
        options = Options(max_examples=12, device="cpu")
        server = Mangling(quick_grader.server, seed)
        grader = Grader(quick_grader.course, options, server=server, cache=cache)  # type: ignore[arg-type]
        result = grader.grade_code(name, Bundle.of_one_file("submission.py", source), path="submission.py")
        assert result.status == "failed"
        assert result.score < result.max_score
        assert all(law.message for law in result.properties if law.status == "failed")
