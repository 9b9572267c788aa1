"""Memory: growth from moment to moment beyond the reference's, in nodes, bytes and resident memory."""

import dataclasses

import pytest

from grader.execution.traces import Moment, Trace
from grader.properties import Finding, MemoryFlat
from tests.builders import CASE, RAISED, evidence, plain

MANY, LARGE, CUDA = "many in a row", "many large ones in a row", "many in a row, on cuda"


def longer(case):
    return case.with_options(windows=16)


def larger(case):
    return case.with_options(windows=32)


LAW = MemoryFlat(name="memory", points=1, at="window", unit="window", longer=longer)
N = 18


def run(*, nodes=0, heap=0, objects=0, device=None, resident=None, moments=N, first=3, every=1):
    """A run whose readings grow by so much every so many moments, after odd ones at the start."""

    def readings(growth):
        return [
            None if growth is None else 1_000_000 * (i < first) + growth * (i // every) * every for i in range(moments)
        ]

    columns = zip(readings(nodes), readings(heap), readings(objects), readings(device), strict=True)
    return Trace(
        moments=tuple(
            Moment(values={"window": plain(None)}, nodes=n, heap=h, objects=o, device=d) for n, h, o, d in columns
        ),
        resident=() if resident is None else tuple(readings(resident)),
    )


def test_its_variants():
    """It wants long runs that measure, on every device there is, and a large one seen from outside."""
    law = dataclasses.replace(LAW, larger=larger, devices=("cuda",))
    assert law.variants(CASE) == {
        MANY: CASE.with_options(windows=16, measure="heap"),
        CUDA: CASE.on(device="cuda").with_options(windows=16, measure="heap"),
        LARGE: CASE.with_options(windows=32, measure="resident"),
    }
    assert LAW.variants(CASE) == {MANY: CASE.with_options(windows=16, measure="heap")}


def test_a_case_that_can_not_be_long():
    """Where there is no long run of a case, nothing is wanted of it."""
    assert dataclasses.replace(LAW, longer=lambda case: None, larger=larger).variants(CASE) == {}


@pytest.mark.parametrize(
    ("trace", "reference"),
    [
        pytest.param(run(), run(), id="flat"),
        pytest.param(run(), None, id="flat, without a reference"),
        pytest.param(run(heap=1_400), run(), id="a little"),
        pytest.param(run(heap=9_000), run(heap=8_000), id="as the reference"),
        pytest.param(run(heap=-5_000), run(), id="shrinking"),
        pytest.param(run(heap=None), run(heap=None), id="a heap that can't be read"),
        pytest.param(run(resident=900_000), run(resident=0), id="resident memory of a run that is not large"),
    ],
)
def test_holds(trace, reference):
    """What grows no more than the reference keeps the law, whatever the first moments cost."""
    assert LAW.judge(evidence({MANY: trace}, reference and {MANY: reference})) is None


@pytest.mark.parametrize(
    ("trace", "reference", "says"),
    [
        pytest.param(run(nodes=1), run(), "about 1 graph nodes each time", id="nodes"),
        pytest.param(run(heap=37_049), run(), "about 37,000 bytes of memory each time", id="heap"),
        pytest.param(run(heap=37_000), None, "about 37,000 bytes of memory each time", id="without a reference"),
        pytest.param(run(heap=1_700), run(), "about 1,700 bytes of memory each time", id="a kept loss"),
        pytest.param(run(heap=4_000, every=2), run(), "about 4,000 bytes of memory each time", id="every second time"),
        pytest.param(
            run(heap=4_000), run(heap=-9_000), "about 4,000 bytes of memory each time", id="reference shrinks"
        ),
        pytest.param(run(device=2_048), run(device=0), "about 2,000 bytes on the device each time", id="device"),
    ],
)
def test_broken(trace, reference, says):
    """What grows is told with how much, in the unit of the exercise."""
    finding = LAW.judge(evidence({MANY: trace}, reference and {MANY: reference}))
    assert finding.message == f"Memory grows with every window: {says}."


def test_resident_memory():
    """On the large run it is resident memory that counts, and nothing that the worker says itself."""
    traces = {LARGE: run(heap=900_000, nodes=5, resident=0)}
    assert LAW.judge(evidence(traces, {LARGE: run(resident=0)})) is None
    assert LAW.judge(evidence({LARGE: run(resident=800_000)}, {LARGE: run(resident=0)})) == Finding(
        message="Memory grows with every window: about 800,000 bytes of resident memory each time.",
        expected="no growth",
        got="+800,000 bytes of resident memory a window",
        where="after each window",
        labels=(LARGE,),
    )


def test_python_objects_count_where_a_law_asks_for_them():
    """What Python holds by itself, and the heap doesn't show, may grow by so many objects more than the reference's."""
    grows = {MANY: run(objects=12)}
    assert LAW.judge(evidence(grows, {MANY: run(objects=1)})) is None
    law = dataclasses.replace(LAW, allowed_objects=2)
    assert law.judge(evidence({MANY: run(objects=3)}, {MANY: run(objects=1)})) is None
    assert law.judge(evidence(grows, {MANY: run(objects=1)})).message == (
        "Memory grows with every window: about 12 Python objects each time."
    )


def test_other_moments_do_not_count():
    """Only moments of the name that marks them are read."""
    others = tuple(Moment(values={"end": plain(None)}, heap=10**7 * i) for i in range(N))
    trace = Trace(moments=(*run().moments, *others))
    assert LAW.judge(evidence({MANY: trace}, {MANY: run()})) is None


@pytest.mark.parametrize("moments", [0, 2, 8], ids=["no window", "two windows", "half of them"])
def test_nothing_is_kept_by_stopping_early(moments):
    """A submission that reaches fewer moments than the reference has not shown that its memory is flat."""
    assert LAW.judge(evidence({MANY: run(moments=moments)}, {MANY: run()})) is not None


def test_growth_is_not_hidden_among_moments_that_are_put_in():
    """A submission that marks more moments than the reference, all of them flat, has not shown it either."""
    more = Trace(moments=(*run(moments=600).moments, *run(heap=40_000).moments))
    assert LAW.judge(evidence({MANY: more}, {MANY: run()})).message == (
        "Whether memory grows can't be told: 618 of 18 windows were seen."
    )


def test_a_run_that_stopped():
    """A run that raises breaks the law."""
    trace = dataclasses.replace(run(), failure=RAISED)
    assert LAW.judge(evidence({MANY: trace}, {MANY: run()})).message == (
        "Your code raised IndexError: list index out of range."
    )
