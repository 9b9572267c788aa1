"""run_batch as a teacher would test it: one test a property, against the reference, in this process."""

import gc
import weakref

import pytest
import torch
from hypothesis import assume
from teacher import for_cases, submission_and_reference

from grader.execution.materials import build_rnn, build_sequences, build_state, gradients, tensors_in

NAME = "run_batch"
submission, reference = submission_and_reference(NAME)
TOLERANCE = {
    torch.float64: {"rtol": 1e-9, "atol": 1e-11, "equal_nan": True},
    torch.float32: {"rtol": 1e-4, "atol": 1e-5, "equal_nan": True},
}


def build(case):
    rnn = build_rnn(case["rnn"], case)
    sequences = [each.requires_grad_() for each in build_sequences(case["sequences"], case)]
    state = build_state(case["state"], case["rnn"], case)
    for tensor in tensors_in(state):
        tensor.requires_grad_()
    return rnn, sequences, state


def same(got, expected):
    got, expected = tensors_in(got), tensors_in(expected)
    assert len(got) == len(expected)
    for ours, theirs in zip(got, expected, strict=True):
        torch.testing.assert_close(ours, theirs, **TOLERANCE[theirs.dtype])


@for_cases(NAME)
def test_outputs_of_every_sequence(case):
    arguments = build(case)
    same(submission.run_batch(*arguments)[0], reference.run_batch(*arguments)[0])


@for_cases(NAME)
def test_final_state_of_every_sequence(case):
    arguments = build(case)
    same(submission.run_batch(*arguments)[1], reference.run_batch(*arguments)[1])


@for_cases(NAME, 25)
def test_gradients(case):
    rnn, sequences, state = build(case)
    targets = [sequences, state, list(rnn.parameters())]
    got = gradients(submission.run_batch(rnn, sequences, state), to=targets)
    expected = gradients(reference.run_batch(rnn, sequences, state), to=targets)
    for ours, theirs in zip(got, expected, strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            same(ours, theirs)


@for_cases(NAME, 12)
def test_sequences_are_isolated(case):
    assume(case.batch_size > 1)
    outputs, state = submission.run_batch(*build(case))
    for variant in (case.with_sequence_changed(0), case.with_nan_in(0)):
        changed_outputs, changed_state = submission.run_batch(*build(variant))
        same(changed_outputs[1:], outputs[1:])
        same([each[:, 1:] for each in tensors_in(changed_state)], [each[:, 1:] for each in tensors_in(state)])
        assert not torch.equal(changed_outputs[0], outputs[0])
    order = tuple(reversed(range(case.batch_size)))
    turned_outputs, turned_state = submission.run_batch(*build(case.permuted(order)))
    same(turned_outputs[::-1], outputs)
    same([each.flip(1) for each in tensors_in(turned_state)], state)


@for_cases(NAME, 6)
def test_pieces_equal_the_whole(case):
    rnn, sequences, state = build(case)
    shortest = min(map(len, sequences))
    assume(shortest > 1 and not rnn.bidirectional)
    outputs, final = submission.run_batch(rnn, sequences, state)
    first, middle = submission.run_batch(rnn, [each[: shortest // 2] for each in sequences], state)
    rest, last = submission.run_batch(rnn, [each[shortest // 2 :] for each in sequences], middle)
    same([torch.cat(both) for both in zip(first, rest, strict=True)], outputs)
    same(last, final)


@for_cases(NAME, 25)
def test_arguments_untouched(case):
    rnn, sequences, state = build(case)
    everything = [*sequences, *tensors_in(state), *rnn.parameters()]
    before, attributes = [each.detach().clone() for each in everything], sorted(vars(rnn))
    listed = list(sequences)
    submission.run_batch(rnn, sequences, state)
    assert all(one is other for one, other in zip(sequences, listed, strict=True))
    assert sorted(vars(rnn)) == attributes
    assert all(torch.equal(one, other) for one, other in zip(everything, before, strict=True))


@for_cases(NAME, 2)
def test_an_empty_list_is_refused(case):
    rnn, _, _ = build(case)
    with pytest.raises(ValueError):  # noqa: PT011  any message will do
        submission.run_batch(rnn, [])


@for_cases(NAME, 3)
def test_device_of_the_module(case):
    try:
        result = submission.run_batch(*build(case.on(device="meta")))
    except (RuntimeError, NotImplementedError):
        return  # what torch itself can't do on meta is no fault of the student's
    assert all(tensor.device.type == "meta" for tensor in tensors_in(list(result)))


@for_cases(NAME, 25)
def test_nothing_kept(case):
    result = submission.run_batch(*build(case))
    references = [weakref.ref(tensor) for tensor in tensors_in(list(result))]
    del result
    if any(each() is not None for each in references):
        gc.collect()
    assert all(each() is None for each in references)
