# wrong: the state passed on is the one that came in, one window late
# misconception: state_one_window_late
import torch
import torch.nn.functional as F
from torch.utils._pytree import tree_map_only


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    previous = state
    for x, y in windows:
        optimizer.zero_grad()
        prediction, new_state = model(x, previous)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        previous, state = state, tree_map_only(torch.Tensor, torch.Tensor.detach, new_state)
    return losses, state
