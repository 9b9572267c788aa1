"""Builds a structure of tensors, has it detached, and looks at the result, the argument and its graph."""

import weakref
from collections import OrderedDict, namedtuple

import torch
from torch import nn

from grader.execution.materials import anything_kept, draw, gradients_by_name, tensors_in

GRADIENTS_HELD = ".grad of the argument's leaves"
NAMED = {count: namedtuple("State", ("h", "c", "memory")[:count]) for count in range(4)}


def drive(submission, case, observe):
    references = run(submission, case, observe)  # whatever else it held is gone when it returns
    if case.device != "meta":
        counts = case["sort"] in ("hollow", "deep")  # to count all tensors takes long: not in every case
        observe(kept=anything_kept(references, counts=counts))  # of any call, this or an earlier one


def run(submission, case, observe):
    roots = []
    state = build(case["structure"], case, roots)
    own = {id(root) for root in roots}
    for root in roots:
        if any(root is each for each in tensors_in(state)):
            root.grad = torch.ones_like(root)  # gathered by the caller
    references = [weakref.ref(tensor) for tensor in tensors_in(state) if id(tensor) not in own]
    del own
    observe(**{"argument": state, GRADIENTS_HELD: [root.grad for root in roots]})
    result = submission.detach_state(state)
    gradients_are_on = torch.is_grad_enabled()
    torch.set_grad_enabled(True)  # where they were switched off, nothing else could be told
    observe(**{"result": result, "argument": state, GRADIENTS_HELD: [root.grad for root in roots]})
    if case.device == "meta":
        return []
    shared = {id(each) for each in containers(result)} & {id(each) for each in containers(state)}
    pairs = zip(containers(result), containers(state), strict=False)
    tables = [list(each) for each in containers(result) if isinstance(each, dict)]
    observe(
        **{
            "keys of the dicts": tables,
            "types of the containers kept": all(type(new) is type(old) for new, old in pairs),
            "containers shared with the argument": len(shared),
            "gradients are still on": gradients_are_on,
            "the result can be used in a graph again": not any(tensor.is_inference() for tensor in tensors_in(result)),
            "gradients of the argument": gradients_through(state, roots) if roots else None,
        }
    )
    if case["sort"] == "pair":
        with torch.no_grad():
            observe(**{"result under torch.no_grad()": submission.detach_state(state)})
    return references + [
        weakref.ref(tensor) for tensor in tensors_in(result) if all(tensor is not root for root in roots)
    ]


def build(structure, case, roots):
    kind, *items = structure
    if kind == "none":
        return None
    if kind == "leaf":
        return leaf(*items, case, roots)
    if kind in ("dict", "ordered"):
        pairs = [(key, build(item, case, roots)) for key, item in items]
        return dict(pairs) if kind == "dict" else OrderedDict(pairs)
    built = [build(item, case, roots) for item in items] * (2 if kind == "twice" else 1)
    if kind == "list":
        return built
    return NAMED[len(built)](*built) if kind == "named" else tuple(built)


def leaf(kind, shape, seed, case, roots):
    if kind in ("integers", "booleans"):
        numbers = torch.arange(seed, seed + (shape[0] if shape else 1), device=case.device)
        return 2**60 + numbers if kind == "integers" else numbers % 2 == 0  # more than a float holds exactly
    tensor = draw(seed, *(shape[::-1] if kind == "view" else shape), case=case)
    if kind == "logarithm":  # NaN where the number was below 0
        tensor = tensor.log()
    if kind == "negative zeros":
        return -tensor.relu()
    if kind == "half":
        tensor = tensor.half()
    if kind == "complex":
        tensor = torch.complex(tensor, tensor)
    if kind == "plain":
        return tensor
    if kind == "parameter":
        tensor = nn.Parameter(tensor)
    else:
        tensor.requires_grad_()
    roots.append(tensor)
    if kind in ("leaf", "parameter"):
        return tensor
    computed = 2 * tensor
    return computed.permute(tuple(range(len(shape)))[::-1]) if kind == "view" else computed


def gradients_through(state, roots):
    """What a loss of all that stands in the state gives its roots: ``None`` where it doesn't reach them any more."""
    tensors = [torch.view_as_real(each) if each.is_complex() else each for each in tensors_in(state)]
    if not tensors:
        return [None] * len(roots)
    return gradients_by_name(tensors, to={"roots": roots})["roots"]


def containers(value):
    """Those that must be new ones; there is only one empty tuple."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from containers(item)
    elif isinstance(value, list | tuple):
        if value != ():
            yield value
        for item in value:
            yield from containers(item)
