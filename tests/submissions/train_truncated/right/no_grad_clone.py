# right: copies made under no_grad, in front of each window and once more at the end
import torch
import torch.nn as nn


@torch.no_grad()
def copy_state(state):
    if isinstance(state, torch.Tensor):
        return state.clone()
    if isinstance(state, tuple):
        if hasattr(state, "_fields"):
            return type(state)(*[copy_state(s) for s in state])
        return tuple([copy_state(s) for s in state])
    if isinstance(state, list):
        return [copy_state(s) for s in state]
    if isinstance(state, dict):
        return type(state)((k, copy_state(s)) for k, s in state.items())
    return None


def train_truncated(model, optimizer, windows, state=None):
    loss_function = nn.MSELoss()
    history = []
    for x, y in windows:
        state = copy_state(state)
        optimizer.zero_grad()
        pred, state = model(x, state)
        loss = loss_function(pred, y)
        loss.backward()
        optimizer.step()
        history.append(loss.item())
    return history, copy_state(state)
