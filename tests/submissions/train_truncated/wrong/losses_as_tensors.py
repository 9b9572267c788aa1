# wrong: the list holds loss tensors with their graphs
# misconception: tensors_kept
import torch
import torch.nn as nn
from torch.utils import _pytree


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = criterion(prediction, y)
        losses.append(loss)
        loss.backward()
        optimizer.step()
        state = _pytree.tree_map_only(torch.Tensor, lambda t: t.detach(), state)
    return losses, state
