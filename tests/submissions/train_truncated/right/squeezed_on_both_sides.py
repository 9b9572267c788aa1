# right: a single target has its axis taken off on both sides
import torch
from torch import nn


def cut(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return {name: cut(value) for name, value in state.items()}
    if isinstance(state, tuple) and hasattr(state, "_fields"):
        return type(state)(*map(cut, state))
    if isinstance(state, (list, tuple)):
        return type(state)(map(cut, state))
    return state


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = criterion(prediction.squeeze(-1), y.squeeze(-1))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        state = cut(state)
    return losses, state
