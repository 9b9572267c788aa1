# wrong: the state is cloned, and a clone keeps its history
# misconception: no_detach
import torch
from torch.utils._pytree import tree_map_only

mse_loss = torch.nn.MSELoss()


def fresh_copy(state):
    return tree_map_only(torch.Tensor, lambda t: t.clone(), state)


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        model.zero_grad()
        out, state = model(x, state)
        loss = mse_loss(out, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        state = fresh_copy(state)
    return losses, state
