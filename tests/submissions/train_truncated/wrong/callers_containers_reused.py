# wrong: the new state is written into the caller's own dict or list
# misconception: none
import torch
import torch.nn.functional as F
from torch.utils._pytree import tree_map_only


def carry(old, new):
    new = tree_map_only(torch.Tensor, torch.Tensor.detach, new)
    if isinstance(old, dict):
        old.update(new)
        return old
    if isinstance(old, list):
        old[:] = new
        return old
    return new


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, new_state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        state = carry(state, new_state)
    return losses, state
