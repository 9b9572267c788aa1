# wrong: a new loss tensor is made from the value, it has no history
# misconception: detached_before_loss
import torch
import torch.nn.functional as F


def cut(h):
    if h is None:
        return h
    if isinstance(h, torch.Tensor):
        return h.data
    if isinstance(h, dict):
        return type(h)((k, cut(v)) for k, v in h.items())
    return h._make(map(cut, h)) if hasattr(h, "_make") else type(h)(map(cut, h))


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        y_pred, state = model(x, state)
        loss = F.mse_loss(y_pred, y).item()
        torch.tensor(loss, requires_grad=True).backward()
        optimizer.step()
        losses.append(loss)
        state = cut(state)
    return losses, state
