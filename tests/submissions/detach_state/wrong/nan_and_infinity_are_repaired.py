# (1) The mistake: NaN and infinity are "repaired" on the way, so that the next window does not start from them.
# (2) Breaks: "the same values" ("to the last bit").
# (3) Shown by: detach_state(torch.tensor([1.0, float("nan"), float("-inf")])).
import torch


def _clean(tensor):
    tensor = tensor.detach()
    if tensor.is_floating_point():
        tensor = torch.nan_to_num(tensor)
    return tensor


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return _clean(state)
    if isinstance(state, dict):
        return type(state)((key, detach_state(value)) for key, value in state.items())
    values = [detach_state(value) for value in state]
    if isinstance(state, list):
        return values
    return state._make(values) if hasattr(state, "_make") else tuple(values)
