# wrong: zero_grad is missing, gradients add up over the windows
# misconception: gradients_not_zeroed
import torch
from torch.utils._pytree import tree_map


def train_truncated(model, optimizer, windows, state=None):
    criterion = torch.nn.MSELoss()
    losses = []
    for x, y in windows:
        prediction, state = model(x, state)
        loss = criterion(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        state = tree_map(lambda s: s if s is None else s.detach(), state)
    return losses, state
