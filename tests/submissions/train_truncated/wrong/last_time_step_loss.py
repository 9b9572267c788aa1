# wrong: the loss looks at the last time step of the window only
# misconception: last_step_only
import torch
import torch.nn as nn


def cut(s):
    if isinstance(s, torch.Tensor):
        return s.detach()
    if isinstance(s, dict):
        return type(s)((k, cut(v)) for k, v in s.items())
    if isinstance(s, (tuple, list)):
        return type(s)(*map(cut, s)) if hasattr(s, "_fields") else type(s)(map(cut, s))
    return s


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = criterion(prediction[-1], y[-1])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        state = cut(state)
    return losses, state
