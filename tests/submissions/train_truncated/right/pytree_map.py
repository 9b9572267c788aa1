# right: torch's own pytree walks the state
import torch
import torch.nn.functional as F
from torch.utils._pytree import tree_map_only


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for inputs, targets in windows:
        optimizer.zero_grad()
        outputs, state = model(inputs, state)
        loss = F.mse_loss(outputs, targets)
        loss.backward()
        optimizer.step()
        state = tree_map_only(torch.Tensor, torch.Tensor.detach, state)
        losses.append(float(loss))
    return losses, state
