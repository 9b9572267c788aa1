"""Memory is released: it falls when something ends, and rounds leave nothing behind."""

import dataclasses

import pytest

from grader.execution.traces import Moment, Trace
from grader.properties import Finding, MemoryReleased
from tests.builders import CASE, RAISED, evidence, plain

MANY = "many rounds"


def rounds(case):
    return case.with_options(rounds=12)


LAW = MemoryReleased(name="released", points=1, full="full", empty="empty", unit="round", rounds=rounds)


def run(*, kept=0, largest=200_000, given_back=None, at=11, count=12, on="heap"):
    """Rounds that take 10,000 bytes, one of them more, keep some of it, and give back the rest."""
    readings, level = [("empty", 0)], 0
    for number in range(count):
        height = largest if number == at else 10_000
        readings.append(("full", level + height))
        level += kept if number != at or given_back is None else height - given_back
        readings.append(("empty", level))
    return Trace(moments=tuple(Moment(values={name: plain(None)}, **{on: value}) for name, value in readings))


def test_its_variants():
    """It wants one run of rounds that measures, on every device there is."""
    assert LAW.variants(CASE) == {MANY: CASE.with_options(rounds=12, measure="heap")}
    assert dataclasses.replace(LAW, devices=("cuda",)).variants(CASE) == {
        MANY: CASE.with_options(rounds=12, measure="heap"),
        f"{MANY}, on cuda": CASE.on(device="cuda").with_options(rounds=12, measure="heap"),
    }
    assert dataclasses.replace(LAW, rounds=lambda case: None).variants(CASE) == {}


@pytest.mark.parametrize(
    "trace",
    [
        pytest.param(run(), id="all given back"),
        pytest.param(run(kept=1_000), id="a little kept"),
        pytest.param(run(given_back=120_000), id="room for what comes next"),
        pytest.param(run(largest=1_200, given_back=0), id="next to nothing taken"),
        pytest.param(run(on="device"), id="on a device"),
        pytest.param(run(given_back=0, at=1), id="working memory of a library, taken once"),
    ],
)
def test_holds(trace):
    """What is given back but for a little, or for some room, keeps the law; so does what can't be read."""
    assert LAW.judge(evidence({MANY: trace}, {MANY: run()})) is None
    assert LAW.judge(evidence({MANY: trace})) is None


@pytest.mark.parametrize("on", ["heap", "device"])
def test_rounds_that_leave_something_behind(on):
    """What every round keeps is told with how much, unless the reference keeps as much."""
    what = {"heap": "bytes of memory", "device": "bytes on the device"}[on]
    assert LAW.judge(evidence({MANY: run(kept=4_000, on=on)}, {MANY: run()})) == Finding(
        message=f"Every round leaves about 4,000 {what} behind when it is over.",
        expected="nothing left behind",
        got=f"+4,000 {what} a round",
        where="after each round",
        labels=(MANY,),
    )
    assert LAW.judge(evidence({MANY: run(kept=4_000, on=on)}, {MANY: run(kept=4_000, on=on)})) is None


def test_memory_that_does_not_fall():
    """What the last round took must come back, and it is told how much did."""
    assert LAW.judge(evidence({MANY: run(given_back=20_000)}, {MANY: run()})) == Finding(
        message="A large round took about 200,000 bytes of memory, and its end gave 20,000 of them back.",
        expected="at least 50% given back",
        got="20,000 of 200,000 bytes of memory",
        where="after the last round",
        labels=(MANY,),
    )


@pytest.mark.parametrize("count", [0, 5])
def test_nothing_is_kept_by_stopping_early(count):
    """A submission that reaches fewer moments than the reference has not shown that it gives anything back."""
    finding = LAW.judge(evidence({MANY: run(count=count)}, {MANY: run()}))
    assert finding.message == f"Whether memory is given back can't be told: {count} of 12 moments were seen."


def test_a_run_that_stopped():
    """A run that raises breaks the law."""
    trace = dataclasses.replace(run(), failure=RAISED)
    assert LAW.judge(evidence({MANY: trace}, {MANY: run()})).message == (
        "Your code raised IndexError: list index out of range."
    )
