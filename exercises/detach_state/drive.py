"""Builds a structure of tensors, has it detached, and looks at the result, the argument and its graph."""

import weakref
from collections import OrderedDict, namedtuple

import torch
from torch import nn

from grader.execution.materials import draw, gradients, still_alive, tensors_in

NAMED = {count: namedtuple("State", ("h", "c", "memory")[:count]) for count in (1, 2, 3)}


def drive(submission, case, observe):
    roots = []
    state = build(case["structure"], case, roots)
    own = {id(root) for root in roots}
    references = [weakref.ref(tensor) for tensor in tensors_in(state) if id(tensor) not in own]
    del own
    observe(argument=state)
    result = submission.detach_state(state)
    observe(result=result, argument=state)
    if case.device == "meta":
        return
    shared = {id(each) for each in containers(result)} & {id(each) for each in containers(state)}
    pairs = zip(containers(result), containers(state), strict=False)
    observe(
        **{
            "types of the containers kept": all(type(new) is type(old) for new, old in pairs),
            "containers shared with the argument": len(shared),
            "gradients are on": torch.is_grad_enabled(),
            "gradients of the argument": gradients(state_with_graph(state), to=roots) if roots else None,
        }
    )
    references += [weakref.ref(tensor) for tensor in tensors_in(result) if all(tensor is not root for root in roots)]
    del state, result, pairs
    observe(kept=still_alive(references))


def build(structure, case, roots):
    kind, *items = structure
    if kind == "none":
        return None
    if kind == "leaf":
        return leaf(*items, case, roots)
    if kind in ("dict", "ordered"):
        pairs = [(key, build(item, case, roots)) for key, item in items]
        return dict(pairs) if kind == "dict" else OrderedDict(pairs)
    built = [build(item, case, roots) for item in items]
    if kind == "list":
        return built
    return NAMED[len(built)](*built) if kind == "named" else tuple(built)


def leaf(kind, shape, seed, case, roots):
    if kind == "integers":
        return torch.arange(seed, seed + (shape[0] if shape else 1), device=case.device)
    tensor = draw(seed, *shape, case=case)
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
    return computed.unsqueeze(0)[0] if kind == "view" else computed


def state_with_graph(state):
    return [tensor for tensor in tensors_in(state) if tensor.requires_grad]


def containers(value):
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from containers(item)
    elif isinstance(value, list | tuple):
        yield value
        for item in value:
            yield from containers(item)
