# right: a module-level table of (type, function) and a harmless call counter
import torch

calls = 0


def _tensor(x):
    return x.detach()


def _nothing(x):
    return None


def _dict(x):
    return x.__class__((k, _walk(v)) for k, v in x.items())


def _list(x):
    return [_walk(v) for v in x]


def _tuple(x):
    items = [_walk(v) for v in x]
    return x._make(items) if hasattr(x, "_make") else tuple(items)


TABLE = [
    (torch.Tensor, _tensor),
    (type(None), _nothing),
    (dict, _dict),
    (list, _list),
    (tuple, _tuple),
]


def _walk(x):
    for cls, function in TABLE:
        if isinstance(x, cls):
            return function(x)
    raise TypeError(f"unknown state type {type(x)}")


def detach_state(state):
    global calls
    calls += 1
    return _walk(state)
