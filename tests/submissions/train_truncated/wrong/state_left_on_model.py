# wrong: the last state is left behind as an attribute of the model
# misconception: none
import torch
import torch.nn as nn
from torch.utils._pytree import tree_map_only


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    losses = []
    model.hidden = state
    for x, y in windows:
        optimizer.zero_grad()
        prediction, hidden = model(x, model.hidden)
        loss = criterion(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        model.hidden = tree_map_only(torch.Tensor, torch.Tensor.detach, hidden)
    return losses, model.hidden
