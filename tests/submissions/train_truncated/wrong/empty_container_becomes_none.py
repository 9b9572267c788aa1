# wrong: an empty container in the state becomes None
# misconception: none
import torch
from torch.nn.functional import mse_loss


def cut(s):
    if isinstance(s, torch.Tensor):
        return s.detach()
    if not s:
        return None
    if isinstance(s, dict):
        return type(s)((k, cut(v)) for k, v in s.items())
    new = [cut(v) for v in s]
    return type(s)(*new) if hasattr(s, "_fields") else type(s)(new)


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        state = cut(state)
        losses.append(loss.item())
    return losses, state
