"""init_hidden as a teacher would test it in a notebook: one check a property, on the cases in cases.json.

What `as_pytest/test_init_hidden.py` asks for, with nothing of the grader: it runs in a kernel of nbgrader or otter.
"""

import ctypes
import gc
import json
import weakref
from pathlib import Path

import torch
from torch import nn

CASES = json.loads(Path("cases.json").read_text())


HEAP = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"


class Heap(ctypes.Structure):
    """``struct mallinfo2`` of glibc."""

    _fields_ = [(name, ctypes.c_size_t) for name in HEAP.split()]


read_heap = ctypes.CDLL(None).mallinfo2
read_heap.restype = Heap


def heap_bytes():
    info = read_heap()
    return info.uordblks + info.hblkhd


def build(case, dtype=torch.float32, device="cpu"):
    spec = case["rnn"]
    options = {
        "RNN": {"nonlinearity": spec["nonlinearity"]},
        "GRU": {},
        "LSTM": {"proj_size": spec["proj_size"]},
    }[spec["kind"]]
    torch.manual_seed(spec["seed"])
    module = getattr(nn, spec["kind"])(
        spec["input_size"],
        spec["hidden_size"],
        num_layers=spec["num_layers"],
        bias=spec["bias"],
        batch_first=spec["batch_first"],
        bidirectional=spec["bidirectional"],
        dtype=dtype,
        **options,
    )
    return module.to(device), case["batch_size"]


def expected(rnn, batch_size):
    directions = 2 if rnn.bidirectional else 1
    weight = next(rnn.parameters())
    h = weight.new_zeros(rnn.num_layers * directions, batch_size, rnn.proj_size or rnn.hidden_size)
    if not isinstance(rnn, nn.LSTM):
        return [h]
    return [h, weight.new_zeros(rnn.num_layers * directions, batch_size, rnn.hidden_size)]


def tensors(value):
    return [value] if isinstance(value, torch.Tensor) else list(value)


def zeros_of_the_right_shape(init_hidden):
    for case in CASES:
        rnn, batch_size = build(case)
        got = init_hidden(rnn, batch_size)
        assert isinstance(got, torch.Tensor) == (not isinstance(rnn, nn.LSTM))
        for ours, theirs in zip(tensors(got), expected(rnn, batch_size), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
            assert ours.is_contiguous()


def memory_of_its_own(init_hidden):
    with torch.no_grad():
        for case in CASES[:25]:
            rnn, batch_size = build(case)
            state, next_state = tensors(init_hidden(rnn, batch_size)), tensors(init_hidden(rnn, batch_size))
            for which, tensor in enumerate(state):
                before = [each.clone() for i, each in enumerate(state) if i != which]
                tensor[0, 0, 0] += 1
                assert (tensor.flatten()[1:] == 0).all()
                after = [each for i, each in enumerate(state) if i != which]
                assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
                assert all((each == 0).all() for each in next_state)


def dtype_of_the_module(init_hidden):
    for dtype in (torch.float32, torch.float64, torch.bfloat16):
        for case in CASES[:12]:
            assert all(tensor.dtype == dtype for tensor in tensors(init_hidden(*build(case, dtype))))


def device_of_the_module(init_hidden):
    for case in CASES[:20]:
        assert all(tensor.device.type == "meta" for tensor in tensors(init_hidden(*build(case, device="meta"))))


def module_left_alone(init_hidden):
    for case in CASES[:25]:
        rnn, batch_size = build(case)
        for parameter in rnn.parameters():
            parameter.grad = torch.ones_like(parameter)
        before = {name: parameter.detach().clone() for name, parameter in rnn.named_parameters()}
        attributes = sorted(vars(rnn))
        init_hidden(rnn, batch_size)
        assert sorted(vars(rnn)) == attributes
        for name, parameter in rnn.named_parameters():
            assert torch.equal(parameter, before[name])
            assert torch.equal(parameter.grad, torch.ones_like(parameter))


def nothing_kept(init_hidden):
    for case in CASES[:25]:
        state = tensors(init_hidden(*build(case)))
        references = [weakref.ref(tensor) for tensor in state]
        del state
        if any(each() is not None for each in references):
            gc.collect()
        assert all(each() is None for each in references)


def memory_is_flat(init_hidden):
    for case in CASES[:2]:
        rnn, _ = build(case)
        gc.collect()
        readings = []
        for call in range(16):
            init_hidden(rnn, 64 + call)
            readings.append(heap_bytes())
        assert (readings[-1] - readings[4]) / 11 < 1_500


CHECKS = (
    zeros_of_the_right_shape,
    memory_of_its_own,
    dtype_of_the_module,
    device_of_the_module,
    module_left_alone,
    nothing_kept,
    memory_is_flat,
)
