# wrong: only a tensor, a tuple or a list is cut, a dict goes on with its graph
# misconception: part_keeps_graph
import torch
import torch.nn as nn


def detach(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, tuple) and hasattr(state, "_fields"):
        return type(state)(*[detach(s) for s in state])
    if isinstance(state, tuple):
        return tuple(detach(s) for s in state)
    if isinstance(state, list):
        return [detach(s) for s in state]
    return state


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
