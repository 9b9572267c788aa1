# wrong: each round begins with the step, one window late
# misconception: step_before_backward
import torch


def cut(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, cut(v)) for k, v in state.items())
    if isinstance(state, (tuple, list)):
        items = [cut(v) for v in state]
        return type(state)(*items) if hasattr(state, "_fields") else type(state)(items)
    return None


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.step()
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = ((prediction - y) ** 2).mean()
        loss.backward()
        losses.append(loss.item())
        state = cut(state)
    return losses, state
