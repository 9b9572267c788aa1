# wrong: the loss reported is measured again after the step
# misconception: none
import torch
import torch.nn.functional as F
from torch.utils._pytree import tree_map_only


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, new_state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            prediction, _ = model(x, state)
            losses.append(F.mse_loss(prediction, y).item())
        state = tree_map_only(torch.Tensor, torch.Tensor.detach, new_state)
    return losses, state
