"""Training learns: from as bad as chance to good, and the report shows how."""

import pytest

from grader.properties import Finding, TrainingLearns
from tests.builders import CASE, RAISED, a_dict, a_tuple, evidence, plain, seen, tensor

LAW = TrainingLearns(
    name="training learns",
    points=1,
    of="epoch",
    training=lambda case: case.with_options(epochs=3),
    falls={"loss": (1.0, 0.5)},
    rises={"accuracy": (0.5, 0.8)},
)
BOUNDS = "loss from above 1 to below 0.5 and accuracy from at most 0.5 to at least 0.8"
GOOD = [(1.2, 0.35), (0.8, 0.6), (0.4, 0.9)]


def run(epochs, failure=None):
    moments = ({"epoch": a_dict(loss=plain(loss), accuracy=plain(accuracy))} for loss, accuracy in epochs)
    return {"trained": seen(*moments, failure=failure)}


def test_it_wants_a_run_that_trains():
    """One run, which the exercise makes of a case."""
    assert LAW.variants(CASE) == {"trained": CASE.with_options(epochs=3)}


def test_holds():
    """What gets from bad to good keeps the law, and what it did is told all the same."""
    assert LAW.judge(evidence(run(GOOD))) is None
    assert LAW.remark(run(GOOD)) == "Epoch by epoch: loss 1.20, 0.80, 0.40; accuracy 0.35, 0.60, 0.90."


@pytest.mark.parametrize(
    ("epochs", "says"),
    [
        pytest.param([(1.2, 0.35), (1.1, 0.9)], "In 2 epochs the loss went from 1.20 to 1.10.", id="high loss"),
        pytest.param([(0.1, 0.35), (0.1, 0.9)], "In 2 epochs the loss went from 0.10 to 0.10.", id="low at once"),
        pytest.param([(1.2, 0.35), (0.4, 0.7)], "In 2 epochs the accuracy went from 0.35 to 0.70.", id="not accurate"),
        pytest.param([(1.2, 0.9), (0.4, 0.9)], "In 2 epochs the accuracy went from 0.90 to 0.90.", id="a constant"),
        pytest.param([(1.2, 0.3), (float("nan"), 0.9)], "In 2 epochs the loss went from 1.20 to nan.", id="NaN"),
        pytest.param([(1.2, 0.3), (None, 0.9)], "The loss of an epoch is no number.", id="no number"),
        pytest.param([(1.2, 0.3), (True, 0.9)], "The loss of an epoch is no number.", id="a bool"),
    ],
)
def test_broken(epochs, says):
    """What does not get there is told, with every epoch."""
    assert LAW.judge(evidence(run(epochs))).message.startswith(f"{says} Epoch by epoch: loss ")


def test_whole_finding():
    """A finding shows the numbers of every epoch, and those of the reference."""
    flat = [(1.2, 0.35), (1.15, 0.3), (1.1, 0.4)]
    shown = "loss 1.20, 1.15, 1.10; accuracy 0.35, 0.30, 0.40"
    assert LAW.judge(evidence(run(flat), run(GOOD))) == Finding(
        message=f"In 3 epochs the loss went from 1.20 to 1.10. Epoch by epoch: {shown}.",
        expected=f"{BOUNDS} (the reference: loss 1.20, 0.80, 0.40; accuracy 0.35, 0.60, 0.90)",
        got=shown,
        where="loss, epoch by epoch",
        labels=("trained",),
    )


@pytest.mark.parametrize(
    "epoch", [plain(None), a_tuple(plain(1.0), plain(0.5)), a_dict(loss=tensor(1.0))], ids=["None", "a tuple", "tensor"]
)
def test_what_is_no_epoch(epoch):
    """An observation that holds no number of that name shows nothing."""
    finding = LAW.judge(evidence({"trained": seen({"epoch": epoch})}))
    assert finding.message == "The loss of an epoch is no number. Epoch by epoch: loss ?; accuracy ?."


def test_a_run_that_stopped():
    """A run that raises breaks the law."""
    finding = LAW.judge(evidence(run(GOOD, failure=RAISED)))
    assert finding.message == "Your code raised IndexError: list index out of range."
