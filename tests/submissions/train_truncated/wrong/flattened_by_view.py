# wrong: predictions and targets are flattened by view, which fails where memory is not contiguous
# misconception: none
import torch
import torch.nn.functional as F


def detach(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        fresh = state.copy()
        for key in fresh:
            fresh[key] = detach(fresh[key])
        return fresh
    if isinstance(state, tuple) and hasattr(state, "_fields"):
        return type(state)(*[detach(part) for part in state])
    if isinstance(state, (tuple, list)):
        return type(state)([detach(part) for part in state])
    return state


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction.view(-1), y.view(-1))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        state = detach(state)
    return losses, state
