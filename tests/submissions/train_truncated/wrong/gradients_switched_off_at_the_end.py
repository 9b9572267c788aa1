# wrong: gradients are switched off at the end, and stay so for whoever comes next
# misconception: none
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
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        state = detach(state)
    torch.set_grad_enabled(False)  # training is over
    return losses, state
