# wrong: long windows are fed in two halves and the state is cut between them
# misconception: none
import torch
import torch.nn.functional as F
from torch.utils._pytree import tree_map_only

LONGEST = 4


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        parts = []
        for chunk in x.split(LONGEST):
            part, state = model(chunk, state)
            state = tree_map_only(torch.Tensor, torch.Tensor.detach, state)
            parts.append(part)
        loss = F.mse_loss(torch.cat(parts), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, state
