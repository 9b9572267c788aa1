# right: gradients zeroed once at the start and then after every step
import torch
from torch.nn import functional as F


def _leaves_cut(obj):
    if isinstance(obj, torch.Tensor):
        return obj.detach()
    if isinstance(obj, dict):
        return type(obj)((k, _leaves_cut(v)) for k, v in obj.items())
    if isinstance(obj, (list, tuple)):
        items = [_leaves_cut(v) for v in obj]
        if isinstance(obj, list):
            return items
        return obj._make(items) if hasattr(obj, "_make") else tuple(items)
    return obj


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    optimizer.zero_grad()
    for x, y in windows:
        prediction, state = model(x, state)
        state = _leaves_cut(state)
        loss = F.mse_loss(prediction, y)
        torch.autograd.backward(loss)
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
        losses.append(loss.item())
    return losses, state
