# wrong: optimizer.step without parentheses, nothing is ever learned
# misconception: optimizer_never_steps
import torch
import torch.nn as nn
from torch.utils._pytree import tree_map_only


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = criterion(prediction, y)
        loss.backward()
        optimizer.step
        losses.append(loss.item())
        state = tree_map_only(torch.Tensor, torch.Tensor.detach, state)
    return losses, state
