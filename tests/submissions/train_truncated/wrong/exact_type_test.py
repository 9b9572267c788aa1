# wrong: type(s) == torch.Tensor misses a parameter that the model returns in its state
# misconception: none
import torch
import torch.nn as nn


def detach(s):
    if type(s) == torch.Tensor:
        return s.detach()
    if isinstance(s, dict):
        return type(s)((k, detach(v)) for k, v in s.items())
    if isinstance(s, tuple) and hasattr(s, "_fields"):
        return type(s)(*[detach(v) for v in s])
    if type(s) in (tuple, list):
        return type(s)([detach(v) for v in s])
    return s


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = criterion(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        state = detach(state)
    return losses, state
