"""StateDictRoundTrip: a new module that loads what another one saved shows what that one showed."""

from grader.properties import Finding, StateDictRoundTrip
from tests.builders import CASE, RAISED, evidence, seen, tensor

RELOADED = "saved and loaded"
LAW = StateDictRoundTrip(name="saved", points=1, of=("state",))
AXES = {"state": ("feature",)}
CHANGED, NEW = tensor([1.0, 2.0]), tensor([0.0, 0.0])


def judge(changed, new, loaded, **kwargs):
    theirs = seen(*({"state": value} for value in (changed, new, loaded)))
    ours = seen(*({"state": value} for value in (CHANGED, NEW, CHANGED)))
    return LAW.judge(evidence({RELOADED: theirs}, {RELOADED: ours}, axes=AXES, **kwargs))


def test_it_asks_the_drive_to_reload():
    """One run of each case, with an option that says what for."""
    assert LAW.variants(CASE) == {RELOADED: CASE.with_options(reload=True)}


def test_holds():
    """What was loaded is what was saved; the numbers themselves need not be the reference's."""
    assert judge(CHANGED, NEW, CHANGED) is None
    assert judge(tensor([5.0, 6.0]), NEW, tensor([5.0, 6.0])) is None


def test_not_loaded():
    """A new module that stays as it was after loading is told, with the place."""
    assert judge(CHANGED, NEW, NEW) == Finding(
        message="Saved and loaded into a new module, state, feature 0 is 0, expected 1 (2 of 2 numbers differ).",
        expected="1",
        got="0",
        where="state, feature 0",
        labels=(RELOADED,),
    )


def test_nothing_to_save():
    """A module that is the same whatever became of its parameters saves nothing."""
    finding = judge(NEW, NEW, NEW)
    assert finding.message == (
        "`state` of a module whose parameters were changed is that of a new one: "
        "there is nothing in it that could be saved."
    )


def test_without_a_reference():
    """Where there is no reference, only what was saved and loaded is compared."""
    theirs = seen({"state": NEW}, {"state": NEW}, {"state": NEW})
    assert LAW.judge(evidence({RELOADED: theirs}, axes=AXES)) is None


def test_a_run_that_stopped():
    """A state_dict that can't be loaded breaks the law."""
    finding = LAW.judge(evidence({RELOADED: seen(failure=RAISED)}))
    assert (finding.message, finding.labels) == ("Your code raised IndexError: list index out of range.", (RELOADED,))
