# wrong: one call deeper for each window, every frame keeps its window and its graph
# misconception: none
import torch
import torch.nn.functional as F
from torch.utils._pytree import tree_map_only


def train_rest(model, optimizer, stream, state):
    try:
        x, y = next(stream)
    except StopIteration:
        return [], state
    optimizer.zero_grad()
    prediction, state = model(x, state)
    loss = F.mse_loss(prediction, y)
    loss.backward()
    optimizer.step()
    state = tree_map_only(torch.Tensor, torch.Tensor.detach, state)
    rest, final = train_rest(model, optimizer, stream, state)
    return [loss.item()] + rest, final


def train_truncated(model, optimizer, windows, state=None):
    return train_rest(model, optimizer, iter(windows), state)
