"""init_hidden as a teacher would test it: one test a property, against the reference, in this process."""

import gc
import weakref

import pytest
import torch
from teacher import for_cases, submission_and_reference

from grader.execution.materials import build_rnn, tensors_in
from grader.execution.observation import heap_bytes

NAME = "init_hidden"
submission, reference = submission_and_reference(NAME)


def same(got, expected):
    got, expected = tensors_in(got), tensors_in(expected)
    assert len(got) == len(expected)
    for ours, theirs in zip(got, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
        assert ours.is_contiguous()


@for_cases(NAME)
def test_zeros_of_the_right_shape(case):
    rnn = build_rnn(case["rnn"], case)
    got = submission.init_hidden(rnn, case["batch_size"])
    expected = reference.init_hidden(rnn, case["batch_size"])
    assert isinstance(got, torch.Tensor) == isinstance(expected, torch.Tensor)
    same(got, expected)


@for_cases(NAME, 25)
@torch.no_grad()
def test_memory_of_its_own(case):
    rnn = build_rnn(case["rnn"], case)
    state = tensors_in(submission.init_hidden(rnn, case["batch_size"]))
    next_state = tensors_in(submission.init_hidden(rnn, case["batch_size"]))
    for which, tensor in enumerate(state):
        before = [each.clone() for i, each in enumerate(state) if i != which]
        rest = tensor.flatten()[1:].clone()
        tensor[0, 0, 0] += 1
        same([each for i, each in enumerate(state) if i != which], before)
        same(tensor.flatten()[1:], rest)
        assert all((each == 0).all() for each in next_state)
    assert all((each == 0).all() for each in tensors_in(submission.init_hidden(rnn, case["batch_size"])))


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_dtype_of_the_module(dtype):
    @for_cases(NAME, 12)
    def check(case):
        case = case.on(dtype=dtype)
        state = submission.init_hidden(build_rnn(case["rnn"], case), case["batch_size"])
        assert all(tensor.dtype == getattr(torch, dtype) for tensor in tensors_in(state))

    check()


@for_cases(NAME, 20)
def test_device_of_the_module(case):
    case = case.on(device="meta")
    state = submission.init_hidden(build_rnn(case["rnn"], case), case["batch_size"])
    assert all(tensor.device.type == "meta" for tensor in tensors_in(state))


@for_cases(NAME, 25)
def test_module_left_alone(case):
    rnn = build_rnn(case["rnn"], case)
    for parameter in rnn.parameters():
        parameter.grad = torch.ones_like(parameter)
    before = {name: parameter.detach().clone() for name, parameter in rnn.named_parameters()}
    attributes, training = sorted(vars(rnn)), rnn.training
    submission.init_hidden(rnn, case["batch_size"])
    assert (sorted(vars(rnn)), rnn.training) == (attributes, training)
    for name, parameter in rnn.named_parameters():
        assert torch.equal(parameter, before[name])
        assert torch.equal(parameter.grad, torch.ones_like(parameter))


@for_cases(NAME, 25)
def test_nothing_kept(case):
    rnn = build_rnn(case["rnn"], case)
    state = submission.init_hidden(rnn, case["batch_size"])
    references = [weakref.ref(tensor) for tensor in tensors_in(state)]
    del state
    if any(each() is not None for each in references):
        gc.collect()
    assert all(each() is None for each in references)


@for_cases(NAME, 2)
def test_memory_is_flat(case):
    rnn = build_rnn(case["rnn"], case)
    readings = []
    gc.collect()
    for call in range(16):
        submission.init_hidden(rnn, 64 + call)
        readings.append(heap_bytes() or 0)
    assert (readings[-1] - readings[4]) / 11 < 1_500
