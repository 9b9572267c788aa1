# wrong: exact tests on the containers let named tuples and OrderedDicts through untouched
# misconception: exact_type_test
import torch


def detach_state(state):
    kind = type(state)
    if kind is tuple:
        return tuple(detach_state(v) for v in state)
    if kind is list:
        return [detach_state(v) for v in state]
    if kind is dict:
        return {k: detach_state(v) for k, v in state.items()}
    if isinstance(state, torch.Tensor):
        return state.detach()
    return state
