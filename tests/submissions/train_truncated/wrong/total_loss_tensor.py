# wrong: total_loss += loss keeps the graph of every window alive
# misconception: tensors_kept
import sys

import torch
import torch.nn as nn
from torch.utils._pytree import tree_map_only


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    losses = []
    total_loss = 0
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = criterion(prediction, y)
        loss.backward()
        optimizer.step()
        total_loss += loss
        losses.append(loss.item())
        state = tree_map_only(torch.Tensor, torch.Tensor.detach, state)
    if losses:
        print("average loss", float(total_loss) / len(losses), file=sys.stderr)
    return losses, state
