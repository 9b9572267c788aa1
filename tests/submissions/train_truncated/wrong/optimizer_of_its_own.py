# wrong: makes an optimizer of its own and ignores the one it is given
# misconception: optimizer_of_its_own
import torch
import torch.nn as nn
from torch.utils._pytree import tree_map_only

LEARNING_RATE = 0.01


def train_truncated(model, optimizer, windows, state=None):
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    criterion = nn.MSELoss()
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
