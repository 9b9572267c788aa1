"""Traces: every kind of value is read as it was seen; what is malformed is refused with a ProtocolError."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from grader.execution.protocol import Frame, ProtocolError
from grader.execution.traces import Failure, Moment, Trace, read_failure, read_trace, tensors_of
from tests.builders import a_dict, a_list, a_tuple, plain, refusal, seen, tensor

FEW = settings(deadline=None, max_examples=100)
RETURNED = {"returned": True}
RAISED = {
    "returned": False,
    "text": "no",
    "types": ["ValueError", "Exception"],
    "file": "a.py",
    "line": 3,
    "function": "f",
}


def wired(**changes):
    """The JSON of a tensor of 2 x 3 numbers."""
    return {
        "t": "tensor",
        "shape": [2, 3],
        "dtype": "float64",
        "device": "cpu",
        "contiguous": True,
        "requires_grad": False,
        "grad_fn": None,
        "numbers": True,
        **changes,
    }


def frame_of(value, *, numbers=None, **moment):
    flat = np.arange(6.0) if numbers is None else numbers.flatten()
    data = {"moments": [{"values": {"it": value}, **moment}], "outcome": RETURNED}
    return Frame(data=data, blob=save({flat.dtype.name: flat}))


def read(value, **keywords):
    return read_trace(frame_of(value, **keywords)).named("it")[0]


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        pytest.param(None, plain(None), id="None"),
        pytest.param(True, plain(True), id="bool"),
        pytest.param(-3, plain(-3), id="int"),
        pytest.param(0.5, plain(0.5), id="float"),
        pytest.param(float("inf"), plain(float("inf")), id="infinity"),
        pytest.param("text", plain("text"), id="text"),
        pytest.param({"t": "items", "base": "tuple", "type": "tuple", "items": []}, a_tuple(), id="empty tuple"),
        pytest.param(
            {"t": "items", "base": "tuple", "type": "State", "items": [1]},
            a_tuple(plain(1), type_name="State"),
            id="named tuple",
        ),
        pytest.param(
            {"t": "items", "base": "list", "type": "list", "items": [1]},
            a_list(plain(1)),
            id="list",
        ),
        pytest.param(
            {"t": "table", "type": "OrderedDict", "keys": ["h"], "values": [1]},
            a_dict(type_name="OrderedDict", h=plain(1)),
            id="dict",
        ),
        pytest.param(
            {"t": "refused", "types": ["KeyError", "Exception"], "expected": "ValueError", "text": "no"},
            refusal("KeyError", "Exception", text="no"),
            id="refused",
        ),
        pytest.param({"t": "accepted", "expected": "ValueError"}, refusal(), id="accepted"),
    ],
)
def test_values(wire, value):
    """Each kind of value is read as what was observed."""
    got = read(wire)
    assert got == value
    assert repr(got) == repr(value), "1 and True are equal, and not the same"


def test_opaque_values():
    """Of anything else, the type is known."""
    assert read({"t": "opaque", "type": "function"}).type_name == "function"


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"])
def test_numbers(dtype):
    """Numbers come in the dtype they were sent in."""
    numbers = np.array([[0, 1, 2], [3, 0, 5]]).astype(dtype)
    got = read(wired(dtype=dtype), numbers=numbers)
    assert got == tensor(numbers, dtype=dtype)
    assert got.array.dtype == dtype
    np.testing.assert_array_equal(got.array, numbers)


def test_bfloat16():
    """A bfloat16 tensor, whose bits travel as int16, comes as the same numbers in float32."""
    numbers = np.array([0.0, -0.0, 1.0, -2.5, np.inf, np.nan, 3.0e38], dtype=np.float32)
    bits = (numbers.view(np.uint32) >> 16).astype(np.uint16).view(np.int16)
    got = read(wired(dtype="bfloat16", shape=[7]), numbers=bits)
    assert got.dtype == "bfloat16"
    exact = (numbers.view(np.uint32) & 0xFFFF0000).view(np.float32)
    np.testing.assert_array_equal(got.array, exact)


@pytest.mark.parametrize(("dtype", "half"), [("complex64", "float32"), ("complex128", "float64")])
@pytest.mark.parametrize("shape", [(), (2,), (2, 3)], ids=str)
def test_complex(dtype, half, shape):
    """Complex numbers, which travel as pairs, come as complex numbers."""
    numbers = np.full(shape, 1.5 - 2j, dtype=dtype)
    pairs = np.stack([numbers.real, numbers.imag], axis=-1).astype(half)
    got = read(wired(dtype=dtype, shape=list(shape)), numbers=pairs)
    assert got.array.dtype == dtype
    np.testing.assert_array_equal(got.array, numbers)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 0, 2)], ids=str)
def test_odd_shapes(shape):
    """Tensors without an axis, or without a number, are read too."""
    got = read(wired(shape=list(shape)), numbers=np.zeros(shape))
    assert got.shape == got.array.shape == shape


def test_a_tensor_without_numbers():
    """On the meta device there is a shape and nothing else."""
    got = read(wired(numbers=False, device="meta", requires_grad=True, grad_fn="AddBackward0"))
    assert got.array is None
    assert (got.shape, got.device, got.requires_grad, got.grad_fn) == ((2, 3), "meta", True, "AddBackward0")


def test_numbers_are_handed_out_once_and_in_order():
    """The numbers of several tensors stand one behind the other; none are left for a tensor too many."""
    wire = {"t": "items", "base": "list", "type": "list", "items": [wired(shape=[2]), wired(shape=[2, 2])]}
    first, second = read(wire).items
    np.testing.assert_array_equal(first.array, [0.0, 1.0])
    np.testing.assert_array_equal(second.array, [[2.0, 3.0], [4.0, 5.0]])
    wire["items"].append(wired(shape=[1]))
    with pytest.raises(ProtocolError, match="0 numbers came for a tensor of 1"):
        read(wire)


def test_numbers_that_are_not_flat():
    """A block that names its tensors otherwise than by their dtype, or gives them a shape, is refused."""
    for numbers in ({"float32": np.zeros(6)}, {"float64": np.zeros((2, 3))}):
        with pytest.raises(ProtocolError, match="not one flat tensor for each dtype"):
            read_trace(Frame(data=frame_of(wired()).data, blob=save(numbers)))


def test_moments():
    """Moments keep their order, and the memory that was measured."""
    values = [{"loss": 1.0}, {"state": None}]
    moments = [{"values": values[0], "nodes": 3, "heap": 10, "device": None}, {"values": values[1]}]
    trace = read_trace(Frame(data={"moments": moments, "outcome": RETURNED}), (7, 8))
    assert trace == Trace(
        moments=(
            Moment(values={"loss": plain(1.0)}, nodes=3, heap=10),
            Moment(values={"state": plain(None)}),
        ),
        resident=(7, 8),
    )
    assert trace.named("loss") == [plain(1.0)]
    assert trace.named("nothing") == []


def test_a_run_that_raised():
    """What was seen before an exception is kept, with what was raised and where."""
    trace = read_trace(Frame(data={"moments": [], "outcome": RAISED}))
    assert trace.failure == Failure(
        kind="raised", text="no", types=("ValueError", "Exception"), file="a.py", line=3, function="f"
    )
    assert str(trace.failure) == "ValueError: no (a.py, line 3, in f)"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"function": "<module>"}, "ValueError: no (a.py, line 3)", id="at the top"),
        pytest.param({"line": None, "function": None}, "ValueError: no (a.py)", id="no line"),
        pytest.param({"line": "3", "function": None}, "ValueError: no (a.py)", id="a line that is no number"),
        pytest.param({"file": None}, "ValueError: no", id="outside the submission"),
        pytest.param({"file": None, "types": []}, "no", id="no type"),
    ],
)
def test_failures_as_a_person_says_them(changes, says):
    """A failure names its place where it lies in the submission."""
    assert str(read_failure({**RAISED, **changes})) == says


def test_tensors_of():
    """All tensors of a value are found, at any depth, in order."""
    one, two, three = tensor(1.0), tensor([2.0]), tensor([[3.0]])
    value = a_tuple(one, a_list(plain(1), a_dict(a=two)), three)
    assert [each.shape for each in tensors_of(value)] == [(), (1,), (1, 1)]
    assert list(tensors_of(plain(None))) == []


def nested(depth):
    value = 1
    for _ in range(depth):
        value = {"t": "items", "base": "list", "type": "list", "items": [value]}
    return value


MALFORMED = [
    pytest.param({}, id="no kind"),
    pytest.param([], id="a list"),
    pytest.param({"t": "pickle", "value": "gASV"}, id="unknown kind"),
    pytest.param({"t": ["plain"], "value": 1}, id="a kind that is a list"),
    pytest.param({"t": "items", "base": "tuple", "type": "tuple"}, id="no items"),
    pytest.param({"t": "items", "base": "tuple", "type": "tuple", "items": 3}, id="items that are a number"),
    pytest.param({"t": "items", "base": "tuple", "type": 3, "items": []}, id="a type that is a number"),
    pytest.param({"t": "table", "type": "dict", "keys": ["a"], "values": []}, id="more keys than values"),
    pytest.param({"t": "table", "type": "dict", "keys": [1], "values": [1]}, id="key 1"),
    pytest.param({"t": "refused", "types": [3], "expected": "ValueError", "text": ""}, id="an error type 3"),
    pytest.param({"t": "accepted"}, id="accepted, but what"),
    pytest.param({"t": "opaque", "type": None}, id="opaque of no type"),
    pytest.param(wired(shape=[-2, -3]), id="negative sizes"),
    pytest.param(wired(shape=[2.0, 3.0]), id="sizes that are floats"),
    pytest.param(wired(shape=[True, 3]), id="a size that is a bool"),
    pytest.param(wired(shape=[None], numbers=False), id="a size that is null"),
    pytest.param(wired(shape=7), id="a shape that is a number"),
    pytest.param(wired(shape=[7]), id="more numbers than came"),
    pytest.param(wired(shape=[2**62, 2**62]), id="more numbers than there can be"),
    pytest.param(wired(dtype=None), id="no dtype"),
    pytest.param(wired(dtype="int64"), id="numbers of another dtype"),
    pytest.param(wired(dtype="bool"), id="floats said to be bools"),
    pytest.param(wired(dtype="bfloat16"), id="floats said to be bfloat16"),
    pytest.param(wired(dtype="complex128"), id="too few pairs for complex numbers"),
    pytest.param(wired(device=None), id="no device"),
    pytest.param(wired(grad_fn=3), id="grad_fn 3"),
    pytest.param({key: value for key, value in wired().items() if key != "requires_grad"}, id="no requires_grad"),
    pytest.param(nested(5000), id="very deep"),
]


@pytest.mark.parametrize("value", MALFORMED)
def test_malformed_values(value):
    """A value that is none is a ProtocolError, never another exception, never a value."""
    frame = Frame(data={"moments": [{"values": {"it": value}}], "outcome": RETURNED}, blob=frame_of(None).blob)
    with pytest.raises(ProtocolError, match=r"^not a trace: "):
        read_trace(frame)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"moments": []}, id="no outcome"),
        pytest.param({"outcome": RETURNED}, id="no moments"),
        pytest.param({"moments": 3, "outcome": RETURNED}, id="moments that are a number"),
        pytest.param({"moments": {"a": 1}, "outcome": RETURNED}, id="moments that are an object"),
        pytest.param({"moments": [3], "outcome": RETURNED}, id="a moment that is a number"),
        pytest.param({"moments": [{"values": []}], "outcome": RETURNED}, id="values that are a list"),
        pytest.param({"moments": [{"values": {}, "heap": -1}], "outcome": RETURNED}, id="a negative count"),
        pytest.param({"moments": [{"values": {}, "nodes": True}], "outcome": RETURNED}, id="a count that is a bool"),
        pytest.param({"moments": [], "outcome": []}, id="an outcome that is a list"),
        pytest.param({"moments": [], "outcome": {"returned": 1}}, id="returned 1"),
        pytest.param({"moments": [], "outcome": {**RAISED, "text": None}}, id="raised without a text"),
        pytest.param({"moments": [], "outcome": {**RAISED, "types": 3}}, id="types that are a number"),
        pytest.param({"moments": [], "outcome": {**RAISED, "file": 3}}, id="a file that is a number"),
    ],
)
def test_malformed_traces(data):
    """A frame that holds no trace is refused."""
    with pytest.raises(ProtocolError, match=r"^not a trace: "):
        read_trace(Frame(data=data))


@FEW
@given(
    st.binary(min_size=1, max_size=60) | st.binary(max_size=40).map(lambda raw: len(raw).to_bytes(8, "little") + raw)
)
def test_any_blob(blob):
    """Whatever the bytes of the tensors are, they are read or refused."""
    try:
        trace = read_trace(Frame(data={"moments": [], "outcome": RETURNED}, blob=blob))
    except ProtocolError:
        return
    assert trace == seen()


@pytest.mark.parametrize("dtype", ["BF16", "F8_E4M3", "F8_E5M2", "I64", "F4", "X"])
@pytest.mark.parametrize("size", [0, 2, 8])
def test_any_dtype_in_the_blob(dtype, size):
    """A block of any dtype, of a size that fits or not, is read or refused."""
    header = b'{"0":{"dtype":"%s","shape":[1],"data_offsets":[0,%d]}}' % (dtype.encode(), size)
    blob = len(header).to_bytes(8, "little") + header + bytes(size)
    frame = Frame(data={"moments": [{"values": {"it": wired(shape=[1])}}], "outcome": RETURNED}, blob=blob)
    with pytest.raises(ProtocolError, match=r"^not a trace: "):
        read_trace(frame)
