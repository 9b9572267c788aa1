# wrong: optimizer.zero_grad without parentheses does nothing
# misconception: gradients_not_zeroed
import torch
import torch.nn as nn


def repackage(h):
    """Wraps hidden states in new tensors, to detach them from their history."""
    if h is None:
        return None
    if isinstance(h, torch.Tensor):
        return h.detach()
    if isinstance(h, dict):
        return type(h)((k, repackage(v)) for k, v in h.items())
    if hasattr(h, "_fields"):
        return type(h)(*(repackage(v) for v in h))
    return type(h)(repackage(v) for v in h)


def train_truncated(model, optimizer, windows, state=None):
    loss_fn = nn.MSELoss()
    losses = []
    for x, y in windows:
        optimizer.zero_grad
        prediction, state = model(x, state)
        loss = loss_fn(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        state = repackage(state)
    return losses, state
