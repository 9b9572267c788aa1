# wrong: model.train() changes the mode of a model that was in eval mode
# misconception: none
import torch
import torch.nn as nn


def detach(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, detach(v)) for k, v in state.items())
    if isinstance(state, (tuple, list)):
        items = [detach(v) for v in state]
        return state._make(items) if hasattr(state, "_make") else type(state)(items)
    return state


def train_truncated(model, optimizer, windows, state=None):
    model.train()
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
