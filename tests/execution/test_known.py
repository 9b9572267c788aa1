"""What is known of the reference: a trace that is its own is read once, and only what is the same bytes is its own."""

import json
from collections.abc import Iterator

import numpy as np
import pytest
from safetensors.numpy import save

from grader.cases import Case
from grader.execution.cache import Cache
from grader.execution.known import MOST_SPARE, KnownTraces
from grader.execution.protocol import Frame
from grader.execution.session import Loaded
from grader.execution.traces import ReadTrace, Trace

KEY = Case(parts={"batch_size": 2}).key
TENSOR = {"t": "tensor", "shape": [1], "dtype": "float64", "device": "cpu", "contiguous": True}
TENSOR |= {"requires_grad": False, "grad_fn": None, "numbers": True}


def frame(count: object = 1, number: float = 0.0) -> Frame:
    """A trace as it comes over the wire, with one plain value and one tensor."""
    moments = [{"values": {"count": count, "state": TENSOR}}]
    data = {"op": "trace", "of": 0, "outcome": {"returned": True}, "moments": moments}
    sent = Frame(data=data, blob=save({"float64": np.array([number])}))
    return Frame.from_bytes(sent.to_bytes())[0]


def never() -> None:
    """Stands for a session where none may be opened."""
    raise AssertionError("it is known already")


def loads(loaded: Loaded) -> None:
    """Finds nothing wrong with what was loaded."""
    assert loaded == Loaded()


@pytest.fixture
def known(tmp_path) -> KnownTraces:
    """The reference's traces, of which one is stored."""
    cache = Cache(tmp_path)
    cache.write([Frame(data={"key": KEY, "resident": []}), frame()], "key")
    traces = KnownTraces(never, cache=cache, key=("key",), check_loaded=loads)
    traces.compute({KEY: Case.from_json(json.loads(KEY))})
    return traces


def test_the_same_bytes_are_the_same_trace(known):
    """What did exactly as the reference gets the reference's trace, which is not read again."""
    ours = known.trace(KEY, Case.from_json(json.loads(KEY)))
    came = known.read(KEY, frame(), ())
    assert came is ours
    assert known.is_own(KEY, came)


@pytest.mark.parametrize(
    ("other", "resident"),
    [
        pytest.param(frame(count=True), (), id="a truth for a one"),
        pytest.param(frame(count=1.0), (), id="a float for a one"),
        pytest.param(frame(number=-0.0), (), id="another sign of zero"),
        pytest.param(frame(), (4096,), id="memory seen from outside"),
    ],
)
def test_anything_else_is_a_trace_of_its_own(known, other, resident):
    """Whatever differs, even where Python calls it equal, is read and will be judged."""
    came = known.read(KEY, other, resident)
    assert not known.is_own(KEY, came)
    assert came.resident == resident


def test_a_run_that_is_not_known_is_read(known):
    """Of a run that the reference does not make there is nothing to compare with."""
    assert not known.is_own("another", known.read("another", frame(), ()))


class Answers:
    """A session that answers each run with the same trace, and counts them."""

    def __init__(self) -> None:
        self.runs, self.last_frame = 0, frame()

    def load(self) -> Loaded:
        return Loaded()

    def run(self, cases: list[Case], read: ReadTrace) -> Iterator[Trace]:
        for case in cases:
            self.runs += 1
            yield read(case.key, self.last_frame, ())

    def __exit__(self, *of: object) -> None:
        """Nothing to end."""


def test_of_what_is_asked_for_one_by_one_the_last_is_kept(tmp_path):
    """A process that grades thousands would keep all cases that were ever tried for a smallest one."""
    session = Answers()
    traces = KnownTraces(lambda: session, cache=Cache(tmp_path), key=("key",), check_loaded=loads)
    cases = [Case(parts={"batch_size": size}) for size in range(MOST_SPARE + 2)]
    computed, *asked = cases
    traces.compute({computed.key: computed})
    for case in asked:
        traces.trace(case.key, case)
    assert session.runs == len(cases)
    traces.trace(computed.key, computed)
    traces.trace(asked[-1].key, asked[-1])
    assert session.runs == len(cases)
    traces.trace(asked[0].key, asked[0])
    assert session.runs == len(cases) + 1
