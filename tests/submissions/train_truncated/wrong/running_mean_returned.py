# wrong: the list holds the mean loss so far, not the loss of each window
# misconception: none
import torch
import torch.nn as nn
from torch.utils._pytree import tree_map_only


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    losses = []
    running = 0.0
    for i, (x, y) in enumerate(windows):
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = criterion(prediction, y)
        loss.backward()
        optimizer.step()
        running += loss.item()
        losses.append(running / (i + 1))
        state = tree_map_only(torch.Tensor, torch.Tensor.detach, state)
    return losses, state
