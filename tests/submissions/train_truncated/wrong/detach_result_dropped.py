# wrong: .detach() is called but its result is not used
# misconception: no_detach
import torch
from torch import nn


def detach(state):
    if isinstance(state, torch.Tensor):
        state.detach()
    elif isinstance(state, dict):
        for value in state.values():
            detach(value)
    elif isinstance(state, (tuple, list)):
        for value in state:
            detach(value)


def train_truncated(model, optimizer, windows, state=None):
    mse = nn.MSELoss()
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = mse(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        detach(state)
    return losses, state
