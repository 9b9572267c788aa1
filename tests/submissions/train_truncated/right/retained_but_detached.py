# right: a needless retain_graph=True, harmless because the state is detached
import torch
import torch.nn as nn

criterion = nn.MSELoss()


def detach_hidden(hidden):
    if hidden is None:
        return None
    if isinstance(hidden, torch.Tensor):
        return hidden.detach()
    if isinstance(hidden, dict):
        return type(hidden)((k, detach_hidden(v)) for k, v in hidden.items())
    if hasattr(hidden, "_fields"):
        return type(hidden)(*[detach_hidden(v) for v in hidden])
    return type(hidden)(detach_hidden(v) for v in hidden)


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        hidden = detach_hidden(state)
        optimizer.zero_grad()
        output, state = model(x, hidden)
        loss = criterion(output, y)
        loss.backward(retain_graph=True)
        optimizer.step()
        losses.append(loss.item())
    state = detach_hidden(state)
    return losses, state
