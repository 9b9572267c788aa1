# wrong: None alone is fine, None inside a container raises TypeError
# misconception: none_not_handled
import torch


def _detach(x):
    if isinstance(x, torch.Tensor):
        return x.detach()
    if isinstance(x, dict):
        return type(x)((k, _detach(v)) for k, v in x.items())
    if isinstance(x, (tuple, list)):
        items = [_detach(v) for v in x]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    raise TypeError(f"unsupported state type: {type(x)}")


def detach_state(state):
    if state is None:
        return None
    return _detach(state)
