"""Isolation: a sequence shows in itself and in no other; what never reacts is not isolated but dead."""

from dataclasses import replace

import numpy as np
import pytest

from grader.cases import Case, Sequences
from grader.properties import Finding, Isolation
from tests.builders import CASE, RAISED, a_list, a_tuple, evidence, plain, seen, tensor

LAW = Isolation(name="isolation", points=1, of=("outputs",))
CHANGED, NAN, PERMUTED = "one sequence changed", "NaN in one sequence", "batch permuted"
AXES = {"outputs": ("step", "sequence")}
LISTED = {"outputs": ("sequence", "step")}
BASE = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]  # two steps of three sequences
RUNS = {
    "as it is": BASE,
    CHANGED: [[9.0, 2.0, 3.0], [9.0, 5.0, 6.0]],
    NAN: [[1.0, np.nan, 3.0], [4.0, np.nan, 6.0]],
    PERMUTED: [[3.0, 1.0, 2.0], [6.0, 4.0, 5.0]],
}


def traces(form=tensor, **changes):
    """What a right submission gives, but for these runs."""
    names = {"changed": CHANGED, "nan": NAN, "permuted": PERMUTED, "base": "as it is"}
    runs = {**RUNS, **{names[name]: numbers for name, numbers in changes.items()}}
    return {label: seen({"outputs": form(numbers)}) for label, numbers in runs.items()}


def listed(numbers):
    """The same as a list, one tensor a sequence."""
    return a_list(*(tensor(column) for column in np.transpose(numbers)))


def pair(numbers):
    """The same as a pair of states."""
    return a_tuple(tensor(numbers), tensor(numbers))


def test_its_variants():
    """It wants the case, one sequence changed, NaN in another, and the batch in an order in which none stays."""
    wanted = LAW.variants(CASE)
    assert list(wanted) == list(RUNS)
    assert wanted["as it is"] == CASE
    assert wanted[CHANGED]["sequences"].seeds[1:] == (1, 2)
    assert wanted[CHANGED]["sequences"].seeds[0] not in (0, 1, 2)
    assert wanted[NAN]["sequences"].poisoned == (1,)
    assert wanted[PERMUTED]["sequences"].seeds == (2, 0, 1)


def test_a_batch_of_one_says_nothing():
    """With one sequence there is nothing to isolate."""
    assert LAW.variants(Case(parts={"s": Sequences(seeds=(5,), lengths=(2,), features=3)})) == {}


def test_without_permutation():
    """Where an order means something, the batch stays in it."""
    assert PERMUTED not in Isolation(name="isolation", points=1, of=("outputs",), permute=False).variants(CASE)


@pytest.mark.parametrize(
    ("form", "axes"),
    [
        pytest.param(tensor, AXES, id="a tensor"),
        pytest.param(listed, LISTED, id="a list of sequences"),
        pytest.param(pair, AXES, id="a pair"),
    ],
)
@pytest.mark.parametrize("with_reference", [True, False], ids=["reference", "none"])
def test_holds(form, axes, with_reference):
    """What keeps sequences apart keeps the law."""
    reference = traces(form) if with_reference else None
    assert LAW.judge(evidence(traces(form), reference, axes=axes)) is None


@pytest.mark.parametrize(
    ("form", "axes"),
    [
        pytest.param(tensor, AXES, id="a tensor"),
        pytest.param(listed, LISTED, id="a list of sequences"),
        pytest.param(pair, AXES, id="a pair"),
    ],
)
@pytest.mark.parametrize(
    ("changes", "says", "label"),
    [
        pytest.param(
            {"changed": [[9.0, 2.0, 3.0], [9.0, 5.0, 6.5]]},
            "Sequence 2 of `outputs` came out differently, though only sequence 0 was changed.",
            CHANGED,
            id="a change shows in another",
        ),
        pytest.param(
            {"nan": [[np.nan, np.nan, 3.0], [np.nan, np.nan, 6.0]]},
            "Sequence 0 of `outputs` came out differently, though only sequence 1 was filled with NaN.",
            NAN,
            id="NaN spreads",
        ),
        pytest.param(
            {"permuted": BASE},
            "Sequence 0 of `outputs` came out differently, though the batch was only put in another order.",
            PERMUTED,
            id="the order does not matter to it",
        ),
        pytest.param(
            {"changed": BASE},
            "Sequence 0 was given other numbers, and `outputs` did not change for it.",
            CHANGED,
            id="it does not react",
        ),
    ],
)
def test_broken(form, axes, changes, says, label):
    """Each way to mix sequences is told, with the runs that show it."""
    finding = LAW.judge(evidence(traces(form, **changes), traces(form), axes=axes))
    assert (finding.message, finding.labels) == (says, ("as it is", label))


def test_the_whole_finding():
    """The first number that came out differently is told."""
    mixed = traces(changed=[[9.0, 2.0, 3.0], [9.0, 5.0, 6.5]])
    assert LAW.judge(evidence(mixed, axes=AXES)) == Finding(
        message="Sequence 2 of `outputs` came out differently, though only sequence 0 was changed.",
        expected="6",
        got="6.5",
        where="outputs, sequence 2",
        labels=("as it is", CHANGED),
    )


def test_another_shape():
    """A sequence whose result has another shape came out differently."""
    longer = traces(listed)
    longer[CHANGED] = seen({"outputs": a_list(tensor([9.0]), tensor([2.0, 5.0]), tensor([3.0]))})
    finding = LAW.judge(evidence(longer, axes=LISTED))
    assert finding.message == "Sequence 2 of `outputs` came out differently, though only sequence 0 was changed."
    assert (finding.expected, finding.got) == ("the same as before", "another shape")


@pytest.mark.parametrize(
    "nothing",
    [
        pytest.param(seen({"outputs": plain(None)}), id="None"),
        pytest.param(seen({"outputs": tensor(0.0)}), id="no axis of sequences"),
        pytest.param(seen({"outputs": tensor(np.zeros((2, 3)))}), id="a constant"),
        pytest.param(seen({"outputs": tensor(np.zeros((2, 0)))}), id="no sequence"),
        pytest.param(seen(), id="nothing seen"),
    ],
)
def test_nothing_is_kept_by_doing_nothing(nothing):
    """What never reacts breaks the law where the reference reacts."""
    assert LAW.judge(evidence(dict.fromkeys(RUNS, nothing), traces(), axes=AXES)) == Finding(
        message="Sequence 0 was given other numbers, and `outputs` did not change for it.",
        expected="another result for that sequence",
        got="the same result",
        where="outputs, sequence 0",
        labels=("as it is", CHANGED),
    )


def test_sequences_that_are_left_out():
    """A submission that leaves out the sequences behind one with NaN in it has not kept them as they were."""
    dropped = traces(listed)
    dropped[NAN] = seen({"outputs": a_list(tensor([1.0, 4.0]), tensor([np.nan, np.nan]))})
    finding = LAW.judge(evidence(dropped, traces(listed), axes=LISTED))
    assert finding is not None
    assert (
        finding.message == "Sequence 2 of `outputs` came out differently, though only sequence 1 was filled with NaN."
    )


def test_nan_is_no_padding():
    """A sequence loses no step to the NaN in it, where the reference's doesn't."""
    shorter = traces(listed)
    shorter[NAN] = seen({"outputs": a_list(tensor([1.0, 4.0]), tensor([np.nan]), tensor([3.0, 6.0]))})
    assert LAW.judge(evidence(shorter, traces(listed), axes=LISTED)) == Finding(
        message="Sequence 1 of `outputs` has another shape when it is filled with NaN.",
        expected="the same shape as before",
        got="another shape",
        where="outputs, sequence 1",
        labels=("as it is", NAN),
    )
    assert LAW.judge(evidence(shorter, shorter, axes=LISTED)) is None
    assert LAW.judge(evidence(shorter, axes=LISTED)) is None


def test_nan_shows():
    """A sequence of NaN comes out with some, where the reference's does."""
    replaced = traces(nan=[[1.0, 0.0, 3.0], [4.0, 0.0, 6.0]])
    assert LAW.judge(evidence(replaced, traces(), axes=AXES)) == Finding(
        message="Sequence 1 of `outputs` holds none, though it is filled with NaN.",
        expected="NaN",
        got="other numbers",
        where="outputs, sequence 1",
        labels=("as it is", NAN),
    )
    assert LAW.judge(evidence(replaced, replaced, axes=AXES)) is None


def test_a_run_that_stopped():
    """A variant that raises breaks the law."""
    stopped = {**traces(), CHANGED: seen(failure=RAISED)}
    finding = LAW.judge(evidence(stopped, traces(), axes=AXES))
    assert (finding.message, finding.labels) == ("Your code raised IndexError: list index out of range.", (CHANGED,))


def test_who_refuses_nan_is_judged_by_the_rest():
    """Code may check that there is none; but it must not fall silent, nor may the rest go wrong."""
    refused = {**traces(), NAN: seen(failure=RAISED)}
    assert LAW.judge(evidence(refused, traces(), axes=AXES)) is None
    spread = {**traces(changed=[[9.0, 9.0, 3.0], [9.0, 5.0, 6.0]]), NAN: seen(failure=RAISED)}
    assert LAW.judge(evidence(spread, traces(), axes=AXES)).where == "outputs, sequence 1"
    died = {**traces(), NAN: seen(failure=replace(RAISED, kind="died"))}
    assert LAW.judge(evidence(died, traces(), axes=AXES)).did_not_end
    both = {**refused, CHANGED: seen(failure=RAISED)}
    assert LAW.judge(evidence(both, traces(), axes=AXES)).labels == (CHANGED,)


def test_without_nan():
    """Where it can mean nothing, none is tried."""
    law = Isolation(name="isolation", points=1, of=("outputs",), nan=False)
    assert NAN not in law.variants(CASE)
    kept = {label: trace for label, trace in traces().items() if label != NAN}
    assert law.judge(evidence(kept, kept, axes=AXES)) is None


def test_the_tolerance_is_that_of_the_dtype():
    """In single precision, another order of additions is no leak."""
    single = [[9.0, 2.0 + 2e-7, 3.0], [9.0, 5.0, 6.0]]
    runs = {label: seen({"outputs": tensor(numbers, dtype="float32")}) for label, numbers in RUNS.items()}
    runs[CHANGED] = seen({"outputs": tensor(single, dtype="float32")})
    assert LAW.judge(evidence(runs, axes=AXES)) is None


PAIRED = {"outputs": ("sequence", "feature")}  # of each of the two


@pytest.mark.parametrize("form", [a_tuple, a_list], ids=["a tuple", "a list"])
def test_a_pair_is_no_batch_of_two(form):
    """Axes are matched from the right: where two tensors have all that are named, they are no two sequences."""

    def states(numbers):
        return form(tensor(np.transpose(numbers)), tensor(np.transpose(numbers)))

    assert LAW.judge(evidence(traces(states), traces(states), axes=PAIRED)) is None
    assert LAW.judge(evidence(traces(states), axes=PAIRED)) is None
    mixed = traces(states, changed=[[9.0, 2.0, 3.0], [9.0, 5.0, 6.5]])
    finding = LAW.judge(evidence(mixed, traces(states), axes=PAIRED))
    assert finding.message == "Sequence 2 of `outputs` came out differently, though only sequence 0 was changed."


def test_a_list_of_sequences_stays_one():
    """What the reference gives says what the outermost list is, whatever a submission puts into it."""

    def deeper(numbers):
        return a_list(*(tensor([column]) for column in np.transpose(numbers)))

    assert LAW.judge(evidence(traces(deeper), traces(listed), axes=LISTED)) is None
