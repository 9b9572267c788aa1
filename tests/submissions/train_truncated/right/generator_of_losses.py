# right: a generator yields the loss and the cut state of each window
import torch
from torch import nn


def _cut(state):
    if torch.is_tensor(state):
        return state.detach()
    if isinstance(state, dict):
        return type(state)({name: _cut(part) for name, part in state.items()})
    if isinstance(state, list):
        return [_cut(part) for part in state]
    if isinstance(state, tuple):
        parts = (_cut(part) for part in state)
        return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)
    return state


def _steps(model, optimizer, windows, state):
    mse = nn.MSELoss(reduction="mean")
    for x, y in windows:
        prediction, state = model(x, state)
        error = mse(prediction, y)
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        state = _cut(state)
        yield error.item(), state


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for loss, state in _steps(model, optimizer, windows, state):
        losses += [loss]
    return losses, state


if __name__ == "__main__":
    torch.manual_seed(1)
    rnn = nn.GRU(3, 2)
    sgd = torch.optim.SGD(rnn.parameters(), lr=0.1)
    data = ((torch.randn(4, 5, 3), torch.zeros(4, 5, 2)) for _ in range(6))
    print(train_truncated(rnn, sgd, data))
