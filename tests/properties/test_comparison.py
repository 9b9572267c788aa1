"""Comparing: form before numbers, the earliest step before the greatest error, and each difference in plain words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.execution.traces import OpaqueValue
from grader.properties.comparison import LENIENT, TOLERANCES, Difference, Strictness, differences, unequal
from grader.properties.equivalence import compare_named
from tests.builders import a_dict, a_list, a_tuple, plain, refusal, tensor

NAN, INF = float("nan"), float("inf")
STATE = ("layer", "sequence", "feature")
OUTPUTS = ("sequence", "step", "feature")
EXACT = Strictness(containers=True, flags=("requires_grad", "grad_fn"))


def told(expected, got, *, axes=(), strictness=LENIENT):
    """What a student would read, or ``None`` where nothing differs."""
    finding = compare_named("it", [(expected, got)], {"it": axes}, strictness)
    return finding and finding.message.removesuffix(".")


ONES, ZEROS = np.ones((2, 3, 4)), np.zeros((2, 3, 4))


def but_at(index, number, *, array=ONES):
    changed = array.copy()
    changed[index] = number
    return tensor(changed)


@pytest.mark.parametrize(
    ("expected", "got", "axes", "says"),
    [
        pytest.param(
            tensor(ONES),
            but_at((1, 2, 0), 1.5),
            STATE,
            "it, layer 1, sequence 2, feature 0 is 1.5, expected 1 (1 of 24 numbers differ)",
            id="one number",
        ),
        pytest.param(
            tensor(ONES),
            tensor(ZEROS),
            STATE,
            "it, layer 0, sequence 0, feature 0 is 0, expected 1 (24 of 24 numbers differ)",
            id="all numbers",
        ),
        pytest.param(
            tensor(ONES),
            but_at((0, 1, 3), NAN),
            STATE,
            "it, layer 0, sequence 1, feature 3 is nan, expected 1",
            id="NaN",
        ),
        pytest.param(
            tensor(ONES),
            but_at((0, 0, 0), -INF),
            STATE,
            "it, layer 0, sequence 0, feature 0 is -inf, expected 1",
            id="infinity",
        ),
        pytest.param(
            tensor([NAN]), tensor([1.0]), ("feature",), "it, feature 0 is 1, expected nan", id="a number for NaN"
        ),
        pytest.param(
            tensor([INF]), tensor([1.0]), ("feature",), "it, feature 0 is 1, expected inf", id="a number for infinity"
        ),
        pytest.param(
            tensor([INF]), tensor([-INF]), ("feature",), "it, feature 0 is -inf, expected inf", id="the other infinity"
        ),
        pytest.param(
            tensor([1.0, 1.0, 1.0]), tensor([1.0]), ("feature",), "it has shape (1,), expected (3,)", id="(1,) for (3,)"
        ),
        pytest.param(tensor([1.0]), tensor(1.0), ("feature",), "it has shape (), expected (1,)", id="no axis"),
        pytest.param(
            tensor(ONES),
            tensor(np.ones((2, 4, 3))),
            STATE,
            "it has shape (2, 4, 3), expected (2, 3, 4)",
            id="transposed",
        ),
        pytest.param(
            tensor([1.0]),
            tensor([1.0], dtype="float32"),
            STATE,
            "it has dtype torch.float32, expected torch.float64",
            id="dtype",
        ),
        pytest.param(
            tensor([1.0], device="cuda"), tensor([1.0]), STATE, "it is on device cpu, expected cuda", id="device"
        ),
        pytest.param(
            tensor([1, 2], dtype="int64"),
            tensor([1, 3], dtype="int64"),
            ("token",),
            "it, token 1 is 3, expected 2 (1 of 2 numbers differ)",
            id="integers",
        ),
        pytest.param(
            tensor([True], dtype="bool"),
            tensor([False], dtype="bool"),
            ("mask",),
            "it, mask 0 is False, expected True",
            id="bools",
        ),
        pytest.param(tensor(1.0), tensor(2.0), STATE, "it is 2, expected 1", id="one number without an axis"),
        pytest.param(
            tensor([1.0]), plain(None), STATE, "it is None, expected a tensor of shape (1,)", id="None for a tensor"
        ),
        pytest.param(
            a_tuple(tensor([1.0]), tensor([2.0])),
            tensor([1.0]),
            STATE,
            "it is a tensor of shape (1,), expected a tuple of (a tensor of shape (1,), a tensor of shape (1,))",
            id="a tensor for a pair",
        ),
        pytest.param(
            a_list(*[plain(1.0)] * 5),
            a_list(plain(1.0)),
            ("window",),
            "it is a list of (float 1.0), expected a list of 5 items",
            id="length",
        ),
        pytest.param(
            a_list(plain(1.0), plain(2.0)),
            a_list(plain(1.0), plain(2.5)),
            ("window",),
            "it[1] is 2.5, expected 2",
            id="a float in a list",
        ),
        pytest.param(plain(1.0), plain(NAN), (), "it is nan, expected 1", id="a NaN float"),
        pytest.param(plain(1.0), plain(1), (), "it is int 1, expected float 1.0", id="an int for a float"),
        pytest.param(plain(True), plain(1), (), "it is int 1, expected True", id="an int for a bool"),
        pytest.param(plain("a"), plain("b"), (), "it is 'b', expected 'a'", id="texts"),
        pytest.param(
            a_tuple(but_at((0, 0, 0), 1), tensor(ONES)),
            a_tuple(tensor(ONES), but_at((0, 1, 2), 3)),
            STATE,
            "it[1], layer 0, sequence 1, feature 2 is 3, expected 1 (1 of 24 numbers differ)",
            id="in the second of a pair",
        ),
        pytest.param(
            a_dict(h=tensor([1.0]), c=tensor([1.0])),
            a_dict(c=tensor([1.0]), h=tensor([2.0])),
            ("feature",),
            "it['h'], feature 0 is 2, expected 1",
            id="in a dict",
        ),
        pytest.param(
            a_dict(h=plain(1)),
            a_dict(c=plain(1)),
            (),
            "it is a dict with keys c, expected a dict with keys h",
            id="keys",
        ),
        pytest.param(
            a_dict(h=plain(1)), a_dict(), (), "it is a dict with keys (none), expected a dict with keys h", id="no keys"
        ),
        pytest.param(
            a_dict(**dict.fromkeys("abcdefghi", plain(1))),
            a_dict(**dict.fromkeys("abcdefghijk", plain(1))),
            (),
            "it is a dict of 11 keys, j, k among them, expected a dict of 9 keys",
            id="many keys",
        ),
        pytest.param(
            refusal("ValueError", "Exception"),
            refusal("KeyError", "Exception", text="'x'"),
            (),
            "it is KeyError ('x'), expected ValueError",
            id="another error",
        ),
        pytest.param(refusal("ValueError"), refusal(), (), "it is no error, expected ValueError", id="no error"),
        pytest.param(
            tensor([1.0]),
            OpaqueValue(type_name="ndarray"),
            (),
            "it is an object of type ndarray, expected a tensor of shape (1,)",
            id="something else",
        ),
    ],
)
def test_what_differs(expected, got, axes, says):
    """Each way to differ is told as a person would say it."""
    assert told(expected, got, axes=axes) == says


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        pytest.param(tensor([NAN, INF, -INF, 1.0]), tensor([NAN, INF, -INF, 1.0 + 1e-10]), id="NaN and infinities"),
        pytest.param(tensor(np.zeros((3, 0))), tensor(np.zeros((3, 0))), id="no numbers"),
        pytest.param(a_tuple(plain(1)), a_list(plain(1)), id="a list for a tuple"),
        pytest.param(a_tuple(plain(1), type_name="State"), a_tuple(plain(1)), id="a tuple for a named one"),
        pytest.param(a_dict(a=plain(1), b=plain(2)), a_dict(b=plain(2), a=plain(1)), id="another order of keys"),
        pytest.param(plain(1.0), plain(1.0 + 1e-6), id="nearly the same float"),
        pytest.param(tensor([1.0]), tensor([1.0], requires_grad=True, grad_fn="AddBackward0"), id="flags"),
        pytest.param(tensor(ONES, device="meta"), tensor(ZEROS, device="meta"), id="on meta"),
        pytest.param(refusal("ValueError"), refusal("MyError", "ValueError", text="other words"), id="a subclass"),
    ],
)
def test_what_does_not_differ(expected, got):
    """What torch.nn's users would call the same is the same."""
    assert told(expected, got) is None


@pytest.mark.parametrize(
    ("expected", "got", "says"),
    [
        pytest.param(
            a_tuple(plain(1)), a_list(plain(1)), "it is a list of (int 1), expected a tuple of (int 1)", id="container"
        ),
        pytest.param(
            a_tuple(plain(1), type_name="State"),
            a_tuple(plain(1)),
            "it is a tuple of (int 1), expected a State of (int 1)",
            id="named tuple",
        ),
        pytest.param(
            a_dict(a=plain(1), b=plain(2)),
            a_dict(b=plain(2), a=plain(1)),
            "it is a dict with keys b, a, expected a dict with keys a, b",
            id="order of keys",
        ),
        pytest.param(
            a_dict(type_name="OrderedDict", a=plain(1)),
            a_dict(a=plain(1)),
            "it is a dict with keys a, expected a OrderedDict with keys a",
            id="kind of dict",
        ),
        pytest.param(
            tensor([1.0], requires_grad=True), tensor([1.0]), "it has requires_grad=False, expected True", id="flag"
        ),
        pytest.param(
            tensor([1.0]),
            tensor([1.0], grad_fn="MulBackward0"),
            "it has grad_fn=MulBackward0, expected None",
            id="grad_fn",
        ),
    ],
)
def test_what_differs_where_it_counts(expected, got, says):
    """Where an exercise is about containers or flags, these count."""
    assert told(expected, got, strictness=EXACT) == says
    assert told(expected, got) is None


def test_device_and_numbers_can_be_left_out():
    """Where they don't count, devices and numbers may differ, shapes may not."""
    loose = Strictness(device=False, numbers=False)
    assert told(tensor([1.0], device="cuda"), tensor([2.0]), strictness=loose) is None
    assert told(plain(1.0), plain(2.0), strictness=loose) is None
    assert told(tensor([1.0]), tensor([1.0, 1.0]), strictness=loose) == "it has shape (2,), expected (1,)"


def test_numbers_may_have_to_be_exact():
    """Where nothing is computed, the last bit counts, and the message shows it; NaN is still NaN."""
    exact = Strictness(exact=True)
    near = np.nextafter(1.5, 2)
    assert told(tensor([1.5]), tensor([near])) is None
    says = "it, feature 0 is 1.5000000000000002, expected 1.5"
    assert told(tensor([1.5]), tensor([near]), axes=("feature",), strictness=exact) == says
    assert told(tensor([1.5]), tensor([2.0]), axes=("feature",), strictness=exact) == "it, feature 0 is 2, expected 1.5"
    odd = tensor([NAN, INF, 1.0])
    assert told(odd, odd, strictness=exact) is None
    assert told(tensor([0.0]), tensor([-0.0])) is None
    assert told(tensor([-0.0]), tensor([0.0]), axes=("feature",), strictness=exact) == "it, feature 0 is 0, expected -0"


def test_form_before_numbers():
    """A wrong dtype late in a structure is told before a wrong number early in it."""
    expected = a_tuple(tensor([1.0]), tensor([1.0]))
    got = a_tuple(tensor([2.0]), tensor([1.0], dtype="float32"))
    assert told(expected, got, axes=("feature",)) == "it[1] has dtype torch.float32, expected torch.float64"


def test_the_earliest_step_before_the_greatest_error():
    """Of several sequences in a list, the one that goes wrong first is told."""
    ours = a_list(tensor(np.ones((4, 2))), tensor(np.ones((3, 2))))
    late, early = np.ones((4, 2)), np.ones((3, 2))
    late[2:], early[1, 1] = 1000.0, 1.001
    assert (
        told(ours, a_list(tensor(late), tensor(early)), axes=OUTPUTS)
        == "it, sequence 1, step 1, feature 1 is 1.001, expected 1 (1 of 6 numbers differ)"
    )


def test_the_earliest_step_within_a_tensor():
    """In a batch-first tensor, too, the earliest step is told, whichever sequence it is in."""
    got = ONES.copy()
    got[0, 2], got[1, 1, 3] = 5.0, 7.0
    assert (
        told(tensor(ONES), tensor(got), axes=OUTPUTS)
        == "it, sequence 1, step 1, feature 3 is 7, expected 1 (5 of 24 numbers differ)"
    )


def test_the_earliest_window_before_the_earliest_step():
    """A late step of an early window comes before an early step of a late one."""
    ours = a_list(tensor(np.ones((3, 1, 1))), tensor(np.ones((3, 1, 1))))
    first, second = np.ones((3, 1, 1)), np.zeros((3, 1, 1))
    first[2] = 0.0
    assert (
        told(ours, a_list(tensor(first), tensor(second)), axes=("window", "step", "sequence", "feature"))
        == "it, window 0, step 2, sequence 0, feature 0 is 0, expected 1 (1 of 3 numbers differ)"
    )


@pytest.mark.parametrize("dtype", TOLERANCES)
def test_tolerances(dtype):
    """Just within the tolerance is the same, just beyond it is not; both ways, and for zero."""
    tolerance = TOLERANCES[dtype]
    expected = np.array([0.0, 2.0, -2.0])
    allowed = tolerance.absolute + tolerance.relative * np.abs(expected)
    for sign in (1, -1):
        assert not unequal(expected, expected + sign * 0.99 * allowed, dtype).any()
        assert unequal(expected, expected + sign * 1.01 * allowed, dtype).all()


def test_integers_are_exact():
    """Whole numbers have no tolerance, however large."""
    large = np.array([2**62], dtype=np.int64)
    assert unequal(large, large + 1, "int64").all()


def test_complex_numbers():
    """Complex numbers are compared with the tolerance of their parts."""
    one = np.array([1 + 1j])
    assert not unequal(one, one * (1 + 1e-8), "complex128").any()
    assert unequal(one, one.conj(), "complex128").all()


NUMBERS = hnp.arrays(np.float64, (2, 3), elements=st.floats(width=64))


@settings(deadline=None, max_examples=100)
@given(NUMBERS, NUMBERS)
def test_unequal_is_what_it_says(one, other):
    """Every array equals itself; NaN and infinities equal themselves and nothing else; nothing warns."""
    assert not unequal(one, one, "float64").any()
    wrong = unequal(one, other, "float64")
    odd = ~np.isfinite(one) | ~np.isfinite(other)
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    np.testing.assert_array_equal(wrong[odd], ~same[odd])


def test_one_difference_a_leaf():
    """Differences come in the order of the structure, one for each tensor that differs."""
    expected = a_tuple(tensor(ONES), tensor(ONES), tensor(ONES))
    got = a_tuple(tensor(ZEROS), tensor(ONES), tensor(ZEROS))
    found = list(differences(expected, got))
    assert [each.path for each in found] == [(0,), (2,)]
    assert found[0] == Difference(kind="value", path=(0,), expected="1", got="0", index=(0, 0, 0), count=24, of=24)
