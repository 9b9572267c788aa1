"""Calls ``init_hidden`` as a user would, writes into what it returns, and looks at what else changes."""

import torch

from grader.execution.materials import (
    build_rnn,
    copied,
    dtype_of,
    live_tensors,
    module_contents,
    observe_pair,
    tensors_in,
)

equal = torch.equal  # as it is before any submission is loaded


def drive(submission, case, observe):
    torch.set_grad_enabled(True)  # whatever an earlier run left
    rnn = build_rnn(case["rnn"], case)
    batch_size = case["batch_size"]
    if "calls" in case.options:
        for _ in range(case.options["calls"]):
            submission.init_hidden(rnn, batch_size)
            observe(call=None)
        return
    if "light" in case.options:
        if converted(case):
            rnn = build_rnn(case["rnn"], case.on(dtype="float64" if case.dtype == "float32" else "float32"))
            submission.init_hidden(rnn, batch_size)
            rnn.to(dtype_of(case))
        rnn.requires_grad_(not case["frozen"])
        observe(state=submission.init_hidden(rnn, batch_size))
        return
    if case["frozen"]:
        rnn.weight_ih_l0.requires_grad_(False)
    call_three_times(submission, rnn, batch_size, observe)
    del rnn
    observe(kept=live_tensors() > 0)  # of any call, these or an earlier one


def converted(case):
    """Whether the module had another dtype when it was first used: half of them."""
    return case.device == "cpu" and case["rnn"].seed % 2 == 1


def call_three_times(submission, rnn, batch_size, observe):
    for parameter in rnn.parameters():
        parameter.grad = torch.ones_like(parameter)
    numbers = numbers_of(rnn)
    contents = contents_beside(rnn, numbers)
    state = submission.init_hidden(rnn, batch_size)
    observe(state=state)
    observe_pair(observe, "module", contents, contents_beside(rnn, numbers))
    next_state = submission.init_hidden(rnn, batch_size)
    write_and_watch(tensors_in(state), next_state, observe)
    observe(state=submission.init_hidden(rnn, batch_size))


def numbers_of(rnn):
    return [copied(parameter) for parameter in rnn.parameters()]


def contents_beside(rnn, numbers):
    """What is in a module, whether its weights are these to the last bit, and whether it can be trained.

    Rounding is below what laws look at.
    """
    same = all(equal(*each) for each in zip(numbers, numbers_of(rnn), strict=False))
    weights = "as they were" if same else "changed, or rounded"
    return {**module_contents(rnn), "weights": weights, "gradients are on": torch.is_grad_enabled()}


@torch.no_grad()
def write_and_watch(tensors, next_state, observe):
    blocks = len({tensor.untyped_storage().data_ptr() for tensor in tensors})
    observe(**{"tensors with memory of their own": f"{blocks} of {len(tensors)}"})
    for which, tensor in enumerate(tensors):
        corner = (0,) * tensor.dim()
        others = [each for i, each in enumerate(tensors) if i != which]
        watched = {"the rest of the state": [tensor.flatten()[1:], *others], "the state of the next call": next_state}
        observe(**watched)
        try:
            tensor[corner] += 1
        except RuntimeError as error:  # tensors of inference mode
            watched["the rest of the state"] = f"not to be written into: {str(error)[:80]}"
            observe(**watched)
            return
        watched["the rest of the state"][0] = tensor.flatten()[1:]
        observe(**watched)
