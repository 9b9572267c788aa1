# wrong: the losses are rounded to four digits
# misconception: none
import torch
import torch.nn.functional as F


def cut(s):
    if isinstance(s, torch.Tensor):
        return s.detach()
    if isinstance(s, dict):
        return type(s)((k, cut(v)) for k, v in s.items())
    if isinstance(s, (tuple, list)):
        return type(s)(*map(cut, s)) if hasattr(s, "_fields") else type(s)(map(cut, s))
    return s


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(round(loss.item(), 4))
        state = cut(state)
    return losses, state
