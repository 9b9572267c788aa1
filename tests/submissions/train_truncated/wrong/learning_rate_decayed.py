# wrong: the learning rate of the caller's optimizer is lowered at each window
# misconception: none
import torch
import torch.nn as nn
from torch.optim.lr_scheduler import ExponentialLR
from torch.utils._pytree import tree_map_only


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    scheduler = ExponentialLR(optimizer, gamma=0.95)
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = criterion(prediction, y)
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
        state = tree_map_only(torch.Tensor, torch.Tensor.detach, state)
    return losses, state
