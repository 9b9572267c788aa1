# wrong: at the last window the loop is left before the optimizer's step
# misconception: last_step_skipped
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
    it = iter(windows)
    window = next(it, None)
    while window:
        x, y = window
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        losses.append(loss.item())
        state = cut(state)
        window = next(it, None)
        if not window:
            break
        optimizer.step()
    return losses, state
