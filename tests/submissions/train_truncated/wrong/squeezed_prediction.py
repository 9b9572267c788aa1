# wrong: the prediction is squeezed, the target is not, and the difference broadcasts
# misconception: prediction_broadcast
import torch


def detach(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, detach(v)) for k, v in state.items())
    if isinstance(state, (tuple, list)):
        items = [detach(v) for v in state]
        return type(state)(*items) if hasattr(state, "_fields") else type(state)(items)
    return state


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = ((prediction.squeeze() - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        state = detach(state)
    return losses, state
