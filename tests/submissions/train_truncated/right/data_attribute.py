# right: star-imports and .data instead of .detach()
from torch import *
from torch.nn import *
from torch.optim import *


def forget_history(h):
    if isinstance(h, Tensor):
        return h.data
    elif isinstance(h, dict):
        return type(h)([(k, forget_history(h[k])) for k in h])
    elif isinstance(h, list):
        return [forget_history(v) for v in h]
    elif isinstance(h, tuple):
        v = [forget_history(v) for v in h]
        return h._make(v) if hasattr(h, "_make") else tuple(v)
    else:
        return h


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for (x, y) in windows:
        optimizer.zero_grad()
        y_hat, state = model(x, state)
        loss = MSELoss()(y_hat, y)
        loss.backward()
        optimizer.step()
        state = forget_history(state)
        losses.append(loss.data.item())
    return losses, state
