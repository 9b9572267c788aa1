"""Runs a stack of cells as a user would, in one go or in two pieces, and takes gradients of the result."""

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
    cells = [cell.requires_grad_(case["special"] != FROZEN) for cell in build_cells(case["rnn"], case)]
    if case["special"] == "one cell for all layers":
        cells = cells[:1] * len(cells)
    parameters = {f"{i}.{name}": each for i, cell in enumerate(cells) for name, each in cell.named_parameters()}
    if case["cells in"] == "tuple":
        cells = tuple(cells)
    inputs = build_inputs(case).requires_grad_(case["special"] != WITHOUT_GRADIENT)
    state = build_state(case["state"], case["rnn"], case)
    for parameter in parameters.values():
        parameter.grad = torch.ones_like(parameter)  # gathered by the caller
    for tensor in tensors_in(state):
        if case["special"] == "a state of zeros":
            tensor.zero_()
        tensor.requires_grad_(case["state needs gradients"])
    if "cut" in case.options:
        outputs, final_state = in_two_pieces(submission, cells, inputs, state, case.options["cut"])
        observe(outputs=outputs, state=final_state)
        return
    given = () if state is None else (state,)
    if "again" in case.options:
        with other_weights(each for cell in {*cells} for each in cell.parameters()):
            submission.run_stack(cells, inputs, *given)  # the same cells a second time
    as_drawn = not case.options
    before = copied(arguments(cells, inputs, state)) if as_drawn else None
    with like_a_real_device(case):
        result = submission.run_stack(cells, inputs, *given)
    if as_drawn:
        observe(result=result)
    outputs, final_state = unpacked(result, *RESULTS)
    observe(outputs=outputs, state=final_state)
    if not as_drawn:
        return
    observe_pair(observe, "arguments", before, arguments(cells, inputs, state))
    targets = {"inputs": inputs, "initial state": state, "weights": parameters}
    for name, found in gradients_by_name([stacked(outputs), final_state], to=targets).items():
        observe(**{f"gradients of the {name}": found})
    del targets["weights"]
    for name, found in gradients_by_name(final_state, to=targets).items():
        observe(**{f"from the final state to the {name}": found})
    if case["special"] is None:  # as in a validation
        with torch.no_grad():
            submission.run_stack(cells, inputs, *given)
        observe_pair(observe, "arguments", before, arguments(cells, inputs, state))
    return [weakref.ref(tensor) for tensor in tensors_in([outputs, final_state, inputs, state])]


def arguments(cells, inputs, state):
    return {"cells": [module_contents(cell) for cell in cells], "inputs": inputs, "state": state}


def in_two_pieces(submission, cells, inputs, state, cut):
    first, state = unpacked(submission.run_stack(cells, inputs[:cut], state), *RESULTS)
    rest, state = unpacked(submission.run_stack(cells, inputs[cut:], state), *RESULTS)
    return joined(first, rest), state
