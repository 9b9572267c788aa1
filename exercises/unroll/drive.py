"""Unrolls a cell as a user would, in one go or in two pieces, and takes gradients of the result."""

import weakref

import torch

from grader.cases import FROZEN, WITHOUT_GRADIENT
from grader.execution.materials import (
    anything_kept,
    build_cells,
    build_inputs,
    build_state,
    copied,
    gradients_by_name,
    joined,
    like_a_real_device,
    module_contents,
    observe_pair,
    other_weights,
    stacked,
    tensors_in,
    unpacked,
)

RESULTS = ("outputs", "state")


def drive(submission, case, observe):
    if case.options:
        run(submission, case, observe)
        return
    counts = case["special"] == WITHOUT_GRADIENT  # to count all tensors takes long: not in every case
    references = run(submission, case, observe)  # whatever else it held is gone when it returns
    observe(kept=anything_kept(references, counts=counts))  # of any call, this or an earlier one


def run(submission, case, observe):
    (cell,) = build_cells(case["rnn"], case)
    cell.requires_grad_(case["special"] != FROZEN)
    inputs = build_inputs(case).requires_grad_(case["special"] != WITHOUT_GRADIENT)
    state = build_cell_state(case)
    for parameter in cell.parameters():
        parameter.grad = torch.ones_like(parameter)  # gathered by the caller
    if "cut" in case.options:
        outputs, final_state = in_two_pieces(submission, cell, inputs, state, case.options["cut"])
        observe(outputs=outputs, state=final_state)
        return
    given = () if state is None else (state,)
    if "again" in case.options:
        with other_weights(cell.parameters()):
            submission.unroll(cell, inputs, *given)  # the same cell a second time
    as_drawn = not case.options
    before = copied(arguments(cell, inputs, state)) if as_drawn else None
    with like_a_real_device(case):
        result = submission.unroll(cell, inputs, *given)
    if as_drawn:
        observe(result=result)
    outputs, final_state = unpacked(result, *RESULTS)
    observe(outputs=outputs, state=final_state)
    if not as_drawn:
        return
    observe_pair(observe, "arguments", before, arguments(cell, inputs, state))
    targets = {"inputs": inputs, "initial state": state, "weights": dict(cell.named_parameters())}
    for name, found in gradients_by_name([stacked(outputs), final_state], to=targets).items():
        observe(**{f"gradients of the {name}": found})
    del targets["weights"]
    for name, found in gradients_by_name(final_state, to=targets).items():
        observe(**{f"from the final state to the {name}": found})
    if case["special"] is None:  # as in a validation
        with torch.no_grad():
            submission.unroll(cell, inputs, *given)
        observe_pair(observe, "arguments", before, arguments(cell, inputs, state))
    return [weakref.ref(tensor) for tensor in tensors_in([outputs, final_state, inputs, state])]


def build_cell_state(case):
    """The state of one cell, (B, H), or a pair of them: that of the one layer of a module."""
    state = build_state(case["state"], case["rnn"], case)
    if state is None:
        return None
    if case["special"] == "a state of zeros":
        for tensor in tensors_in(state):
            tensor.zero_()
    states = [tensor[0].requires_grad_(case["state needs gradients"]) for tensor in tensors_in(state)]
    if case["rnn"].kind != "LSTM":
        return states[0]
    return states if isinstance(state, list) else tuple(states)


def arguments(cell, inputs, state):
    return {"cell": module_contents(cell), "inputs": inputs, "state": state}


def in_two_pieces(submission, cell, inputs, state, cut):
    first, state = unpacked(submission.unroll(cell, inputs[:cut], state), *RESULTS)
    rest, state = unpacked(submission.unroll(cell, inputs[cut:], state), *RESULTS)
    return joined(first, rest), state
