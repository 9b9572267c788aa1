"""What a worker sends of a value, and what the grader reads of it: nothing is lost, and nothing can lie."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from grader.execution.observation import graph_nodes, new_encoder, new_observer
from grader.execution.protocol import MAX_BLOB_BYTES, MAX_JSON_BYTES, Frame
from grader.execution.traces import (
    ItemsValue,
    OpaqueValue,
    PlainValue,
    TensorValue,
    Value,
    read_trace,
)


def there_and_back(value: Any) -> Value:
    """A value as it arrives in the grader, over the wire."""
    encoder = new_encoder()
    data = {"moments": [{"values": {"it": encoder.encode(value)}}], "outcome": {"returned": True}}
    frame, _ = Frame.from_bytes(Frame(data=data, blob=encoder.blob()).to_bytes())
    return read_trace(frame).moments[0].values["it"]


def tensor_of(value: Any) -> TensorValue:
    """The same, where a tensor must arrive."""
    arrived = there_and_back(value)
    assert isinstance(arrived, TensorValue)
    return arrived


FLOATING = (torch.float64, torch.float32, torch.float16)
WHOLE = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool)
SHAPES = ((), (1,), (3,), (2, 0, 3), (2, 3), (1, 2, 3, 4))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", [*FLOATING, *WHOLE, torch.uint16, torch.uint32, torch.uint64], ids=str)
def test_every_dtype_arrives_as_it_was(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    """Shape, dtype and every number of a tensor arrive, of any shape, empty and 0-dimensional ones included."""
    source = torch.arange(math.prod(shape)).reshape(shape).to(dtype)
    arrived = tensor_of(source)
    assert (arrived.shape, arrived.dtype, arrived.device) == (shape, str(dtype).removeprefix("torch."), "cpu")
    assert (arrived.contiguous, arrived.requires_grad, arrived.grad_fn) == (True, False, None)
    assert isinstance(arrived.array, np.ndarray)
    assert arrived.array.tolist() == source.tolist()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_bfloat16_arrives_as_the_same_numbers(shape: tuple[int, ...]) -> None:
    """numpy has no bfloat16: its numbers arrive in single precision, exactly, negative ones and infinity included."""
    source = torch.linspace(-3.0, 1e30, math.prod(shape)).reshape(shape).to(torch.bfloat16)
    if source.numel():
        source.view(-1)[0] = -math.inf
    arrived = tensor_of(source)
    assert (arrived.shape, arrived.dtype) == (shape, "bfloat16")
    assert arrived.array is not None
    assert arrived.array.dtype == np.float32
    assert arrived.array.tolist() == source.tolist()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128], ids=str)
def test_complex_numbers_arrive(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    """Real and imaginary parts arrive, also of a view that is only marked as conjugated."""
    numbers = torch.arange(math.prod(shape), dtype=torch.float64).reshape(shape)
    source = torch.complex(numbers, numbers + 0.5).to(dtype)
    for each in (source, source.conj()):
        arrived = tensor_of(each)
        assert (arrived.shape, arrived.dtype) == (shape, str(dtype).removeprefix("torch."))
        assert arrived.array is not None
        assert arrived.array.tolist() == each.resolve_conj().tolist()


def test_a_view_that_is_only_marked_as_negative_arrives_negative() -> None:
    """The imaginary part of a conjugated tensor is a lazy negative; its numbers arrive."""
    view = torch.tensor([1 + 2j, 3 - 4j]).conj().imag
    assert view.is_neg()
    assert tensor_of(view).array.tolist() == [-2.0, 4.0]


def test_numbers_that_are_none_arrive() -> None:
    """NaN, infinities and negative zero are numbers like any other."""
    source = torch.tensor([math.nan, math.inf, -math.inf, -0.0], dtype=torch.float64)
    assert tensor_of(source).array.tobytes() == source.numpy().tobytes()


MATRIX = torch.arange(12.0).reshape(3, 4)
VIEWS = {
    "transposed": MATRIX.t(),
    "every second column": MATRIX[:, ::2],
    "expanded": MATRIX[:1].expand(5, 4),
    "permuted": torch.arange(24).reshape(2, 3, 4).permute(2, 0, 1),
    "diagonal": MATRIX.diagonal(),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_what_is_not_contiguous_arrives_and_is_said_to_be_so(view: torch.Tensor) -> None:
    """The numbers arrive in the order of the indexes, and that memory is laid out otherwise is told."""
    arrived = tensor_of(view)
    assert (arrived.contiguous, arrived.array.tolist()) == (False, view.tolist())


def test_the_bytes_that_are_sent_are_a_copy() -> None:
    """What is written into a tensor after it was observed does not change what was observed."""
    tensor, encoder = torch.zeros(3), new_encoder()
    encoder.encode(tensor)
    before = encoder.blob()
    tensor += 1
    assert encoder.blob() == before


def test_the_graph_of_a_tensor_is_told() -> None:
    """``requires_grad`` and the name of ``grad_fn`` arrive, of leaves, parameters and what was computed."""
    leaf = torch.ones(2, requires_grad=True)
    seen = [(each.requires_grad, each.grad_fn) for each in map(tensor_of, (leaf, torch.nn.Parameter(leaf), leaf * 2))]
    assert seen == [(True, None), (True, None), (True, "MulBackward0")]


def test_meta_tensors_have_all_but_numbers() -> None:
    """On ``meta`` shape, dtype and device arrive; there is no array."""
    arrived = tensor_of(torch.empty(2, 3, device="meta", dtype=torch.float16))
    assert (arrived.shape, arrived.dtype, arrived.device, arrived.array) == ((2, 3), "float16", "meta", None)


def test_sparse_tensors_arrive_as_their_numbers() -> None:
    """A sparse tensor is told as what it stands for, and as not contiguous."""
    arrived = tensor_of(torch.eye(3).to_sparse())
    assert (arrived.contiguous, arrived.array.tolist()) == (False, torch.eye(3).tolist())


class Liar(torch.Tensor):
    """A tensor that claims to be whatever is wanted."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return torch.zeros(1, dtype=torch.float64)

    shape = property(lambda self: torch.Size([1]))  # type: ignore[assignment]
    dtype = torch.float64  # type: ignore[assignment]
    grad_fn = None
    requires_grad = False  # type: ignore[assignment]


def test_a_subclass_of_tensor_is_read_as_what_it_is() -> None:
    """Neither ``__torch_function__`` nor attributes of a subclass decide what arrives."""
    source = (torch.ones(2, 3, requires_grad=True) * 7).as_subclass(Liar)
    arrived = tensor_of(source)
    assert (arrived.shape, arrived.dtype, arrived.requires_grad, arrived.grad_fn) == (
        (2, 3),
        "float32",
        True,
        "AliasBackward0",
    )
    assert arrived.array.tolist() == [[7.0] * 3] * 2


def test_attributes_put_on_tensor_itself_do_not_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a submission sets on ``torch.Tensor`` hides nothing: attributes are read where it can't reach."""
    source = torch.ones(2, 3, requires_grad=True) * 7
    lies = {"shape": torch.Size([1]), "dtype": torch.float64, "grad_fn": None, "requires_grad": False}
    for name, lie in {**lies, "device": torch.device("meta"), "layout": torch.strided}.items():
        monkeypatch.setattr(torch.Tensor, name, lie, raising=False)
    arrived, nodes = tensor_of(source), graph_nodes(source)
    monkeypatch.undo()
    assert (arrived.shape, arrived.dtype, arrived.device) == ((2, 3), "float32", "cpu")
    assert (arrived.requires_grad, arrived.grad_fn, nodes) == (True, "MulBackward0", 2)


UNREADABLE = {
    "float8": lambda: torch.ones(2).to(torch.float8_e4m3fn),
    "complex of half precision": lambda: torch.ones(2).to(torch.complex32),
    "more than there is memory": lambda: torch.zeros(1).expand(1 << 50),
    "nested": lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
    "quantized": lambda: torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("make", UNREADABLE.values(), ids=UNREADABLE)
def test_a_tensor_that_cannot_be_read_is_opaque(make: Callable[[], torch.Tensor]) -> None:
    """What has no bytes that the grader could compare arrives as an object of its type, and breaks nothing."""
    arrived = there_and_back([make(), 1.0])
    assert isinstance(arrived, ItemsValue)
    first, second = arrived.items
    assert isinstance(first, OpaqueValue)
    assert first.type_name.startswith(("Tensor that can't be read (", "a tensor too large"))
    assert second == PlainValue(value=1.0)


def test_what_is_too_large_to_send_is_opaque() -> None:
    """No value makes a frame that is over the limit: large tensors, many of them, and wide lists are left out."""
    large = torch.zeros(MAX_BLOB_BYTES + 1, dtype=torch.uint8)
    assert there_and_back(large) == OpaqueValue(type_name="a tensor too large to be compared")
    encoder = new_encoder()
    encoder.encode([large[: len(large) // 3]] * 6)
    assert len(encoder.blob()) < MAX_BLOB_BYTES
    wide = json.dumps(new_encoder().encode(list(range(300_000))))
    assert len(wide) < MAX_JSON_BYTES


TOO_MUCH = {
    "texts": lambda: ["\U0001f40d" * 3_000] * 9_999,
    "keys": lambda: {"\U0001f40d" * 100 + str(number): 0 for number in range(9_999)},
    "names of types": lambda: [type("\U0001f40d" * 100, (), {})() for _ in range(2_000)],
    "tensors": lambda: [torch.zeros(1, dtype=torch.float64, requires_grad=True) * 2] * 9_999,
    "axes": lambda: [torch.zeros([1] * 64, device="meta")] * 9_999,
    "more axes than arrays have": lambda: torch.zeros([1] * 65, device="meta"),
    "lists in lists": lambda: [[[[0] * 300] * 300] * 300] * 300,
    "small tensors that are large together": lambda: [torch.zeros(1 << 16)] * 100,
}


@pytest.mark.parametrize("make", TOO_MUCH.values(), ids=TOO_MUCH)
def test_whatever_is_observed_the_grader_takes_it(make: Callable[[], object]) -> None:
    """However large a value is, the trace is one that the grader reads; it says where there was more."""
    observer = new_observer()
    observe = observer.observe
    value = make()
    for _ in range(100):
        observe(first=value, second=value)
    moments = [json.loads(text) for text in observer.moments()]
    frame = Frame(data={"moments": moments, "outcome": {"returned": True}}, blob=observer.blob())
    raw = frame.to_bytes()
    assert len(raw) - len(frame.blob) < MAX_JSON_BYTES
    trace = read_trace(Frame.from_bytes(raw)[0])
    assert len(trace.moments) == 100
    assert any(said in repr(trace.moments[-1]) for said in ("too large", "65 axes"))
