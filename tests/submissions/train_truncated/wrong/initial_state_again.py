# wrong: a second name for the new state, so each window gets the initial one
# misconception: new_state_each_window
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
    losses, new_state = [], state
    for x, y in windows:
        optimizer.zero_grad()
        prediction, new_state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        new_state = cut(new_state)
    return losses, new_state
