# wrong: clips the gradient norm at five, against gradients that explode
# misconception: gradients_clipped
import torch
from torch import nn


def cut(s):
    if s is None:
        return None
    if torch.is_tensor(s):
        return s.detach()
    if isinstance(s, dict):
        return type(s)((k, cut(v)) for k, v in s.items())
    if hasattr(s, "_fields"):
        return type(s)(*(cut(v) for v in s))
    return type(s)(cut(v) for v in s)


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    mse = nn.MSELoss()
    for x, y in windows:
        optimizer.zero_grad()
        pred, state = model(x, state)
        loss = mse(pred, y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        state = cut(state)
        losses.append(loss.item())
    return losses, state
