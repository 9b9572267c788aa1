# wrong: the squared errors are summed, not averaged
# misconception: errors_summed
import torch
import torch.nn as nn
from torch.utils._pytree import tree_map_only


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss(reduction="sum")
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = criterion(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        state = tree_map_only(torch.Tensor, torch.Tensor.detach, state)
    return losses, state
