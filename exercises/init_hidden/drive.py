"""Calls ``init_hidden`` as a user would, writes into what it returns, and looks at what else changes."""

import torch

from grader.execution.materials import build_rnn, live_tensors, module_contents, observe_pair, tensors_in


def drive(submission, case, observe):
    rnn = build_rnn(case["rnn"], case)
    batch_size = case["batch_size"]
    if "calls" in case.options:
        for _ in range(case.options["calls"]):
            submission.init_hidden(rnn, batch_size)
            observe(call=None)
        return
    if "light" in case.options:
        observe(state=submission.init_hidden(rnn, batch_size))
        return
    for parameter in rnn.parameters():
        parameter.grad = torch.ones_like(parameter)
    contents = module_contents(rnn)
    before = live_tensors()
    state = submission.init_hidden(rnn, batch_size)
    observe(state=state)
    observe_pair(observe, "module", contents, module_contents(rnn))
    next_state = submission.init_hidden(rnn, batch_size)
    write_and_watch(tensors_in(state), next_state, observe)
    last_state = submission.init_hidden(rnn, batch_size)
    observe(state=last_state)
    del state, next_state, last_state
    observe(kept=live_tensors() > before)


@torch.no_grad()
def write_and_watch(tensors, next_state, observe):
    observe(**{"blocks of memory": len({tensor.untyped_storage().data_ptr() for tensor in tensors})})
    for which, tensor in enumerate(tensors):
        corner = (0,) * tensor.dim()
        others = [each for i, each in enumerate(tensors) if i != which]
        watched = {"the rest of the state": [tensor.flatten()[1:], *others], "the state of the next call": next_state}
        observe(**watched)
        tensor[corner] += 1
        watched["the rest of the state"][0] = tensor.flatten()[1:]
        observe(**watched)
