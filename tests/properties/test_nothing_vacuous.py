"""No law is kept by not being seen: what the reference shows and a submission does not is a finding."""

import pytest

from grader.execution.traces import Moment, Trace
from grader.properties import (
    ArgumentsUnchanged,
    ChunksEqualWhole,
    Contiguous,
    CostsNothing,
    Detached,
    DeviceFollows,
    DtypeFollows,
    Equivalence,
    EquivalentRuns,
    Gradients,
    Isolation,
    LeavesNothing,
    LinearWork,
    MemoryFlat,
    MemoryReleased,
    NotShared,
    Refuses,
    Registers,
    StateDictRoundTrip,
    TrainingLearns,
)
from tests.builders import CASE, a_dict, evidence, plain, refusal, seen, tensor

LAWS = [
    ArgumentsUnchanged(name="ArgumentsUnchanged", points=1, of=("it",)),
    ChunksEqualWhole(name="ChunksEqualWhole", points=1, of=("it",), cut=lambda case: case.with_options(cut=2)),
    Contiguous(name="Contiguous", points=1, of=("it",)),
    CostsNothing(name="CostsNothing", points=1, of="it", larger=lambda case: case.with_options(large=True)),
    Detached(name="Detached", points=1, of=("it",)),
    DeviceFollows(name="DeviceFollows", points=1, of=("it",)),
    DtypeFollows(name="DtypeFollows", points=1, of=("it",)),
    Equivalence(name="Equivalence", points=1, of=("it",)),
    EquivalentRuns(name="EquivalentRuns", points=1, of=("it",), run=lambda case: case.with_options(calls=16)),
    Gradients(name="Gradients", points=1, of=("it",)),
    Isolation(name="Isolation", points=1, of=("it",)),
    LeavesNothing(name="LeavesNothing", points=1, of="it"),
    LinearWork(name="LinearWork", points=1, of=("it",)),
    MemoryFlat(name="MemoryFlat", points=1, at="it", unit="call", longer=lambda case: case.with_options(calls=16)),
    MemoryReleased(
        name="MemoryReleased",
        points=1,
        full="it",
        empty="it",
        unit="call",
        rounds=lambda case: case.with_options(calls=16),
    ),
    NotShared(name="NotShared", points=1, of={"it": "another"}),
    Refuses(name="Refuses", points=1, of="it", wrong=lambda case: case.with_options(empty=True)),
    TrainingLearns(
        name="TrainingLearns",
        points=1,
        of="it",
        training=lambda case: case.with_options(epochs=5),
        falls={"loss": (1.0, 0.5)},
        rises={},
    ),
    Registers(name="Registers", points=1, of=("it",)),
    StateDictRoundTrip(name="StateDictRoundTrip", points=1, of=("it",)),
]


def shown(law, case):
    """What a right solution would show under the law's name."""
    values = {
        "LeavesNothing": plain(False),
        "LinearWork": plain(3),
        "MemoryFlat": plain(None),
        "MemoryReleased": plain(None),
        "Refuses": refusal("ValueError"),
        "TrainingLearns": a_dict(loss=plain(2.0)),
    }
    number = 5.0 if case != CASE and law.name == "Isolation" else 1.0
    value = values.get(law.name, tensor([[number] * 3], dtype=case.dtype, device=case.device))
    times = {"MemoryFlat": 16, "MemoryReleased": 16, "ArgumentsUnchanged": 2, "NotShared": 2}.get(law.name, 1)
    return Trace(moments=tuple(Moment(values={"it": value}, heap=0, nodes=0) for _ in range(times)))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_what_is_not_seen_is_not_kept(law):
    """A submission of which nothing was seen breaks every law that looks at something."""
    runs = law.variants(CASE)
    reference = {label: shown(law, case) for label, case in runs.items()}
    nothing = dict.fromkeys(runs, seen())
    assert law.judge(evidence(nothing, reference, axes={"it": ("step", "sequence")})) is not None
