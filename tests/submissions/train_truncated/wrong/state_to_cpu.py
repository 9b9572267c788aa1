# wrong: the state is moved to the CPU "to save GPU memory", wherever the model is
# misconception: none
# needs: an accelerator, without which nothing is wrong with it
import torch
import torch.nn as nn


def offload(state):
    if isinstance(state, torch.Tensor):
        return state.detach().cpu()
    if isinstance(state, dict):
        return type(state)((k, offload(v)) for k, v in state.items())
    if isinstance(state, tuple) and hasattr(state, "_fields"):
        return type(state)(*[offload(v) for v in state])
    if isinstance(state, (tuple, list)):
        return type(state)([offload(v) for v in state])
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
        state = offload(state)
    return losses, state
