# wrong: the prediction is detached too, requires_grad_ only hides the error
# misconception: detached_before_loss
import torch
import torch.nn as nn
from torch.utils._pytree import tree_map_only


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = tree_map_only(torch.Tensor, torch.Tensor.detach, model(x, state))
        loss = criterion(prediction, y).requires_grad_()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, state
