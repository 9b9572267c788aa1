# wrong: the windows are counted first, which leaves nothing of a generator
# misconception: none
import torch
import torch.nn as nn
from torch.utils._pytree import tree_map_only


def train_truncated(model, optimizer, windows, state=None):
    n_windows = sum(1 for _ in windows)
    losses = [0.0] * n_windows
    criterion = nn.MSELoss()
    for i, (x, y) in enumerate(windows):
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = criterion(prediction, y)
        loss.backward()
        optimizer.step()
        losses[i] = loss.item()
        state = tree_map_only(torch.Tensor, torch.Tensor.detach, state)
    return losses, state
