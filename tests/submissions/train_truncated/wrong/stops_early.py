# wrong: stops once the loss has not improved twice, the rest is never trained on
# misconception: none
import torch
import torch.nn as nn
from torch.utils._pytree import tree_map_only


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    losses = []
    best = float("inf")
    patience = 2
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = criterion(prediction, y)
        loss.backward()
        optimizer.step()
        state = tree_map_only(torch.Tensor, torch.Tensor.detach, state)
        losses.append(loss.item())
        if losses[-1] < best:
            best, patience = losses[-1], 2
        else:
            patience -= 1
            if patience == 0:
                break
    return losses, state
