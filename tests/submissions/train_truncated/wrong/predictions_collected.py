# wrong: all predictions are collected for a plot, memory grows with the windows
# misconception: tensors_kept
import torch
import torch.nn as nn
from torch.utils._pytree import tree_map_only


def plot(predictions):
    pass  # TODO: needs matplotlib


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    losses = []
    predictions = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = criterion(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        predictions.append(prediction.detach())
        state = tree_map_only(torch.Tensor, torch.Tensor.detach, state)
    plot(predictions)
    return losses, state
