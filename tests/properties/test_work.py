"""Linear work: what is done grows no faster than what there is to do."""

import pytest

from grader.properties import Finding, LinearWork
from tests.builders import CASE, RAISED, evidence, plain, seen

LABELS = ("1 times as long", "2 times as long", "3 times as long")
COUNTED = LinearWork(name="once", points=1, of=("tokens",))
GROWS = LinearWork(
    name="linear", points=1, of=("tokens",), longer=lambda case, times: case.with_options(steps=6 * times), unit="step"
)


def runs(*counts):
    return {label: seen({"tokens": plain(count)}) for label, count in zip(LABELS, counts, strict=True)}


def test_its_variants():
    """It wants the case as it is, or runs that are equally far apart."""
    assert COUNTED.variants(CASE) == {"as it is": CASE}
    assert list(GROWS.variants(CASE)) == list(LABELS)
    assert [case.options["steps"] for case in GROWS.variants(CASE).values()] == [6, 12, 18]


@pytest.mark.parametrize(
    "counts", [(10, 16, 22), (12, 12, 12), (60, 120, 180), (10, 16, 21)], ids=["once", "constant", "ten times", "less"]
)
def test_linear(counts):
    """Work may cost any amount a step, as long as no step costs more than the one before."""
    assert GROWS.judge(evidence(runs(*counts))) is None


def test_quadratic():
    """What is done again for every step is told with the numbers."""
    assert GROWS.judge(evidence(runs(45, 126, 243))) == Finding(
        message="With once, twice and three times as many steps, `tokens` is 45, 126 and 243: every step costs "
        "more than the one before.",
        expected="45, 126, 207, if every step cost the same",
        got="45, 126, 243",
        where="tokens",
        labels=LABELS,
    )


@pytest.mark.parametrize(
    ("count", "message"),
    [
        pytest.param(9, None, id="the same"),
        pytest.param(10, "`tokens` is 10, expected 9: more was done than is needed.", id="more"),
        pytest.param(8, "`tokens` is 8, expected 9: something was left out.", id="less"),
        pytest.param(None, "`tokens` could not be counted.", id="no count"),
        pytest.param(9.0, "`tokens` could not be counted.", id="no whole number"),
    ],
)
def test_against_the_reference(count, message):
    """Where nothing is longer, the count is the reference's."""
    finding = COUNTED.judge(evidence(seen({"tokens": plain(count)}), seen({"tokens": plain(9)})))
    assert (finding and finding.message) == message


def test_without_a_reference():
    """A count alone says nothing; growth does."""
    assert COUNTED.judge(evidence(seen({"tokens": plain(100)}))) is None
    assert GROWS.judge(evidence(runs(45, 126, 243))) is not None


def test_a_run_that_stopped():
    """A run that raises breaks the law."""
    finding = COUNTED.judge(evidence(seen({"tokens": plain(9)}, failure=RAISED)))
    assert finding.message == "Your code raised IndexError: list index out of range."
