# wrong: one backward a time step, so no gradient flows from step to step
# misconception: detached_each_step
import torch
import torch.nn.functional as F
from torch.utils._pytree import tree_map


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        total = 0.0
        for x_t, y_t in zip(x.split(1), y.split(1)):
            out, state = model(x_t, state)
            loss = F.mse_loss(out, y_t) / len(x)
            loss.backward()
            total += loss.item()
            state = tree_map(lambda s: s.detach() if s is not None else None, state)
        optimizer.step()
        losses.append(total)
    return losses, state
