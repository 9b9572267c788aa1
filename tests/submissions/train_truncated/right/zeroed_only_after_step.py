# right: the gradients are zeroed after each step, ready for the next window
import torch
import torch.nn.functional as F


def detach(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)({k: detach(v) for k, v in state.items()})
    if isinstance(state, list):
        return [detach(v) for v in state]
    if isinstance(state, tuple):
        return state._make(map(detach, state)) if hasattr(state, "_make") else tuple(map(detach, state))


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        state = detach(state)
    return losses, state
