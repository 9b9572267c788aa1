# wrong: the state is cut at the top of the loop, so the last one is returned attached
# misconception: final_state_attached
import torch
import torch.nn as nn


def detach(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, detach(v)) for k, v in state.items())
    if hasattr(state, "_fields"):
        return type(state)(*(detach(v) for v in state))
    return type(state)(detach(v) for v in state)


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    losses = []
    for x, y in windows:
        state = detach(state)
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = criterion(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, state
