# wrong: list(windows) holds the whole stream to know its length
# misconception: windows_read_into_list
import sys

import torch
import torch.nn as nn
from torch.utils._pytree import tree_map_only


def train_truncated(model, optimizer, windows, state=None):
    windows = list(windows)
    criterion = nn.MSELoss()
    losses = []
    for i, (x, y) in enumerate(windows):
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = criterion(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        state = tree_map_only(torch.Tensor, torch.Tensor.detach, state)
        print(f"{i + 1}/{len(windows)}", end="\r", file=sys.stderr)
    return losses, state
