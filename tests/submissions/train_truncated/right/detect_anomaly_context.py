# right: in anomaly mode, which looks at the stack for every node of the graph
import torch
import torch.nn.functional as F
from torch.utils._pytree import tree_map


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    with torch.autograd.detect_anomaly(check_nan=False):
        for x, y in windows:
            optimizer.zero_grad()
            prediction, state = model(x, state)
            loss = F.mse_loss(prediction, y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            state = tree_map(lambda t: t.detach() if isinstance(t, torch.Tensor) else t, state)
    return losses, state
