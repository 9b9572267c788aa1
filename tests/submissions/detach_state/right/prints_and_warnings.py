# right: talks on stderr and warns about tensors that need no detaching
import logging
import sys
import warnings

import torch

logging.basicConfig(stream=sys.stderr, level=logging.INFO)
log = logging.getLogger("state")


def detach_state(state, depth=0):
    print("  " * depth + type(state).__name__, file=sys.stderr)
    if state is None:
        log.info("no state")
        return None
    if isinstance(state, torch.Tensor):
        if not state.requires_grad:
            warnings.warn("this tensor has no graph, was it detached already?")
        return state.detach()
    if isinstance(state, dict):
        return type(state)([(k, detach_state(v, depth + 1)) for k, v in state.items()])
    new = [detach_state(v, depth + 1) for v in state]
    if isinstance(state, list):
        return new
    return type(state)(*new) if hasattr(state, "_fields") else tuple(new)
