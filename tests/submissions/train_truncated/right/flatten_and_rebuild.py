# right: one function for one window, and a flatten and rebuild pair for the state
import torch
import torch.nn.functional as F


def flatten(state, leaves):
    """Appends the leaves of the state and returns a function that rebuilds it."""
    if isinstance(state, dict):
        keys, kind = list(state), type(state)
        builders = [flatten(state[k], leaves) for k in keys]
        return lambda it: kind([(k, b(it)) for k, b in zip(keys, builders)])
    if isinstance(state, (list, tuple)):
        builders = [flatten(s, leaves) for s in state]
        make = getattr(type(state), "_make", type(state))
        return lambda it: make([b(it) for b in builders])
    leaves.append(state)
    return next


def truncate(state):
    leaves = []
    rebuild = flatten(state, leaves)
    return rebuild(iter([leaf if leaf is None else leaf.detach() for leaf in leaves]))


def train_window(model, optimizer, x, y, state):
    optimizer.zero_grad()
    prediction, state = model(x, state)
    loss = F.mse_loss(prediction, y)
    loss.backward()
    optimizer.step()
    return loss.item(), truncate(state)


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    state = truncate(state)
    for x, y in windows:
        loss, state = train_window(model, optimizer, x, y, state)
        losses.append(loss)
    return losses, state
