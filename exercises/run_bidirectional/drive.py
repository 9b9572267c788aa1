"""Runs two cells over a batch as a user would, and takes gradients of the result."""

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
    inputs = build_inputs(case).requires_grad_(case["special"] != WITHOUT_GRADIENT)
    state = build_state(case["state"], case["rnn"], case)
    for parameter in [each for cell in cells for each in cell.parameters()]:
        parameter.grad = torch.ones_like(parameter)  # gathered by the caller
    for tensor in tensors_in(state):
        if case["special"] == "a state of zeros":
            tensor.zero_()
        tensor.requires_grad_(case["state needs gradients"])
    given = () if state is None else (state,)
    if "again" in case.options:
        with other_weights(each for cell in cells for each in cell.parameters()):
            submission.run_bidirectional(*cells, inputs, *given)  # the same cells a second time
    as_drawn = not case.options
    before = copied(arguments(cells, inputs, state)) if as_drawn else None
    with like_a_real_device(case):
        result = submission.run_bidirectional(*cells, inputs, *given)
    if as_drawn:
        observe(result=result)
    outputs, final_state = unpacked(result, *RESULTS)
    observe(outputs=outputs, state=final_state)
    if not as_drawn:
        return
    whole = stacked(outputs)
    joined = isinstance(whole, torch.Tensor) and whole.dim() > 0
    observe(**{"forward half": whole[..., : case["rnn"].hidden_size] if joined else outputs})
    observe_pair(observe, "arguments", before, arguments(cells, inputs, state))
    names = ("forward cell", "backward cell")
    weights = {
        f"{name}.{key}": each for name, cell in zip(names, cells, strict=True) for key, each in cell.named_parameters()
    }
    targets = {"inputs": inputs, "initial state": state, "weights": weights}
    for name, found in gradients_by_name([whole, final_state], to=targets).items():
        observe(**{f"gradients of the {name}": found})
    del targets["weights"]
    for name, found in gradients_by_name(final_state, to=targets).items():
        observe(**{f"from the final state to the {name}": found})
    if case["special"] is None:  # as in a validation
        with torch.no_grad():
            submission.run_bidirectional(*cells, inputs, *given)
        observe_pair(observe, "arguments", before, arguments(cells, inputs, state))
    return [weakref.ref(tensor) for tensor in tensors_in([outputs, final_state, inputs, state])]


def arguments(cells, inputs, state):
    forward_cell, backward_cell = map(module_contents, cells)
    return {"forward_cell": forward_cell, "backward_cell": backward_cell, "inputs": inputs, "state": state}
