# wrong: a named tuple becomes a plain one, so a model that reads state.h fails
# misconception: none
import torch
import torch.nn.functional as F


def repackage_hidden(h):
    if isinstance(h, torch.Tensor):
        return h.detach()
    if isinstance(h, dict):
        return type(h)((k, repackage_hidden(v)) for k, v in h.items())
    if isinstance(h, list):
        return [repackage_hidden(v) for v in h]
    if isinstance(h, tuple):
        return tuple(repackage_hidden(v) for v in h)
    return h


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        out, state = model(x, state)
        loss = F.mse_loss(out, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        state = repackage_hidden(state)
    return losses, state
