"""CostsNothing: with large sizes a call runs few lines, holds little memory, and builds no module."""

import pytest

from grader.execution.traces import TableValue
from grader.properties import CostsNothing, Finding
from tests.builders import CASE, RAISED, evidence, plain, seen

LARGE = "with large sizes"


def larger(case):
    return case.with_options(large=True)


LAW = CostsNothing(name="cheap", points=1, of="cost", larger=larger)


def cost(lines=10, size=1_000, modules=0):
    counts = {"lines of Python": lines, "bytes of memory": size, "recurrent modules": modules}
    return TableValue(type_name="dict", keys=tuple(counts), values=tuple(plain(count) for count in counts.values()))


def judge(value):
    return LAW.judge(evidence({LARGE: seen({"cost": value})}))


def test_it_wants_large_sizes():
    """The case with large sizes, and nothing where there is none."""
    assert LAW.variants(CASE) == {LARGE: larger(CASE)}
    assert CostsNothing(name="cheap", points=1, of="cost", larger=lambda case: None).variants(CASE) == {}


def test_holds():
    """A few lines and a little memory keep the law, and so does a cost that it knows nothing of."""
    assert judge(cost(lines=2_000, size=100_000)) is None
    assert judge(TableValue(type_name="dict", keys=("tensors",), values=(plain(10**9),))) is None


@pytest.mark.parametrize(
    ("value", "verb", "got", "expected"),
    [
        (cost(lines=25_001), "runs", "more than 20,000 lines of Python", "at most 20,000 lines of Python"),
        (cost(size=8_000_000), "holds", "more than 2,000,000 bytes of memory", "at most 2,000,000 bytes of memory"),
        (cost(modules=1), "builds", "recurrent modules", "no recurrent modules"),
    ],
    ids=["lines", "memory", "modules"],
)
def test_broken(value, verb, got, expected):
    """Each cost that is too high is told, without the number, which may differ from run to run."""
    assert judge(value) == Finding(
        message=f"With large sizes the call {verb} {got}; it needs only the sizes themselves.",
        expected=expected,
        got=got,
        where=LARGE,
        labels=(LARGE,),
    )


@pytest.mark.parametrize("forged", ["few", None, True, float("nan")])
def test_a_cost_that_is_no_number(forged):
    """Only a submission can have put it there: it keeps no law, and breaks nothing else."""
    assert judge(cost(lines=forged)).got == "more than 20,000 lines of Python"


def test_a_run_that_stopped():
    """A call that fails for lack of memory breaks the law."""
    finding = LAW.judge(evidence({LARGE: seen(failure=RAISED)}))
    assert (finding.message, finding.labels) == ("Your code raised IndexError: list index out of range.", (LARGE,))
