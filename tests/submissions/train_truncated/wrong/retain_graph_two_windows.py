# wrong: the state is cut after every second window only, the graph retained in between
# misconception: graph_retained
import torch
import torch.nn.functional as F
from torch.utils._pytree import tree_map

BPTT = 2


def cut(leaf):
    return leaf.detach() if isinstance(leaf, torch.Tensor) else leaf


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for i, (x, y) in enumerate(windows, start=1):
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward(retain_graph=i % BPTT != 0)
        optimizer.step()
        losses.append(loss.item())
        if i % BPTT == 0:
            state = tree_map(cut, state)
    return losses, tree_map(cut, state)
