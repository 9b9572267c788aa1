# wrong: the window is fed step by step and the state cut at each step
# misconception: detached_each_step
import torch
import torch.nn as nn


def detach(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, detach(v)) for k, v in state.items())
    if isinstance(state, tuple) and hasattr(state, "_fields"):
        return type(state)(*[detach(v) for v in state])
    if isinstance(state, (list, tuple)):
        return type(state)([detach(v) for v in state])
    return state


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        predictions = []
        for t in range(x.size(0)):
            prediction, state = model(x[t : t + 1], state)
            state = detach(state)
            predictions.append(prediction)
        loss = criterion(torch.cat(predictions), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, state
