# wrong: looks one window ahead and cuts the state only if another window follows
# misconception: final_state_attached
import torch
import torch.nn.functional as F
from torch.utils._pytree import tree_map_only


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    windows = iter(windows)
    window = next(windows, None)
    while window is not None:
        x, y = window
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        window = next(windows, None)
        if window is not None:
            state = tree_map_only(torch.Tensor, torch.Tensor.detach, state)
    return losses, state
