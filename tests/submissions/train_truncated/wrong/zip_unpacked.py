# wrong: xs and ys are taken apart with zip(*windows), all in memory at once
# misconception: windows_read_into_list
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
    xs, ys = zip(*windows) if (windows := tuple(windows)) else ((), ())
    for x, y in zip(xs, ys):
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        state = cut(state)
    return losses, state
