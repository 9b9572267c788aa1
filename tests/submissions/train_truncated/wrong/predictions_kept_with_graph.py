# wrong: every prediction is kept as it came, with its graph
# misconception: tensors_kept
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
    losses, predictions = [], []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        predictions.append(prediction)
        losses.append(loss.item())
        state = detach(state)
    return losses, state
