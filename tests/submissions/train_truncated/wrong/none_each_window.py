# wrong: every window starts from a new state after the first
# misconception: new_state_each_window
import torch
import torch.nn as nn
from torch.utils._pytree import tree_map_only


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    losses = []
    hidden = state
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, hidden)
        loss = criterion(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        hidden = None
    return losses, tree_map_only(torch.Tensor, torch.Tensor.detach, state)
