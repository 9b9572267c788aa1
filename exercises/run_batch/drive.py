"""Runs a batch of sequences as a user would, whole or in two pieces, and takes gradients of the result."""

import weakref

import torch

from grader.cases import FROZEN, WITHOUT_GRADIENT
from grader.execution.materials import (
    anything_kept,
    attempt,
    build_rnn,
    build_sequences,
    build_state,
    copied,
    gradients_by_name,
    like_a_real_device,
    module_contents,
    observe_pair,
    other_weights,
    tensors_in,
    turned,
    unpacked,
)

RESULTS = ("outputs", "state")


def drive(submission, case, observe):
    references = run(submission, case, observe)  # whatever else it held is gone when it returns
    if references is not None:
        counts = case["special"] != "nothing"  # to count all tensors takes long: not in every case
        observe(kept=anything_kept(references, counts=counts))  # of any call, this or an earlier one


def run(submission, case, observe):
    rnn = build_rnn(case["rnn"], case).requires_grad_(case["special"] != FROZEN)
    if "empty" in case.options:
        observe(refused=attempt(lambda: submission.run_batch(rnn, []), refused_with=ValueError))
        return None
    for parameter in rnn.parameters():
        parameter.grad = torch.ones_like(parameter)  # gathered by the caller
    sequences = build_sequences(case["sequences"], case)
    if case["special"] == "turned":
        sequences = [turned(sequence) for sequence in sequences]
    needs_gradients = case["special"] != WITHOUT_GRADIENT
    for sequence in sequences:
        sequence.requires_grad_(needs_gradients)
    if case["special"] == "twice":
        sequences[-1] = sequences[0]
    state = build_state(case["state"], case["rnn"], case)
    for tensor in tensors_in(state):
        tensor.requires_grad_(needs_gradients)
    if "cut" in case.options:
        outputs, final_state = in_two_pieces(submission, rnn, sequences, state, case.options["cut"])
        observe(outputs=outputs, state=final_state)
        return None
    if "again" in case.options:
        with other_weights(rnn.parameters()):
            submission.run_batch(rnn, sequences, state)  # the same module a second time
    as_drawn = not case.options
    before = copied(arguments(rnn, sequences, state)) if as_drawn else None
    given = (rnn, sequences) if state is None else (rnn, sequences, state)
    with like_a_real_device(case):
        result = submission.run_batch(*given)
    if as_drawn:
        observe(result=result)
    outputs, final_state = unpacked(result, *RESULTS)
    observe(outputs=outputs, state=final_state)
    if not as_drawn:
        return None
    attempt(lambda: submission.run_batch(rnn, []), refused_with=ValueError)  # it must leave the module as it was, too
    observe_pair(observe, "arguments", before, arguments(rnn, sequences, state))
    targets = {"sequences": sequences, "initial state": state, "weights": dict(rnn.named_parameters())}
    for name, found in gradients_by_name([outputs, final_state], to=targets).items():
        observe(**{f"gradients of the {name}": found})
    return [weakref.ref(tensor) for tensor in tensors_in([outputs, final_state])]


def arguments(rnn, sequences, state):
    return {"rnn": module_contents(rnn), "sequences": sequences, "state": state}


def in_two_pieces(submission, rnn, sequences, state, cut):
    first, state = unpacked(submission.run_batch(rnn, [sequence[:cut] for sequence in sequences], state), *RESULTS)
    rest, state = unpacked(submission.run_batch(rnn, [sequence[cut:] for sequence in sequences], state), *RESULTS)
    return [torch.cat(both) for both in zip(first, rest, strict=True)], state
