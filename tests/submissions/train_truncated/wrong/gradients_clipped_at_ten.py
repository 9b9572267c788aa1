# wrong: gradients are clipped at a norm of ten
# misconception: gradients_clipped
import torch
import torch.nn.functional as F


def cut(s):
    if isinstance(s, torch.Tensor):
        return s.detach()
    if isinstance(s, dict):
        return {k: cut(v) for k, v in s.items()}
    if isinstance(s, list):
        return [cut(v) for v in s]
    if isinstance(s, tuple):
        return type(s)(*map(cut, s)) if hasattr(s, "_fields") else tuple(map(cut, s))
    return s


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
        losses.append(loss.item())
        state = cut(state)
    return losses, state
