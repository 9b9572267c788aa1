# right: warnings and progress on stderr, a harmless counter on the module level
import logging
import sys
import time
import warnings

import torch
import torch.nn as nn

logging.basicConfig(stream=sys.stderr, level=logging.INFO)
log = logging.getLogger("tbptt")
CALLS = {"train": 0, "windows": 0}


def detach(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, detach(v)) for k, v in state.items())
    if isinstance(state, tuple) and hasattr(state, "_fields"):
        return type(state)(*map(detach, state))
    if isinstance(state, (tuple, list)):
        return type(state)(map(detach, state))
    return state


def train_truncated(model, optimizer, windows, state=None):
    CALLS["train"] += 1
    started = time.time()
    if state is None:
        warnings.warn("no initial state, the model will start from zeros")
    losses = []
    for i, (x, y) in enumerate(windows):
        CALLS["windows"] += 1
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = nn.functional.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        state = detach(state)
        losses.append(loss.item())
        if i % 10 == 0:
            print(f"window {i}: loss {losses[-1]:.4f}", file=sys.stderr)
    log.info("%d windows in %.2f s", len(losses), time.time() - started)
    return losses, state


if __name__ == "__main__":
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.LSTM(1, 8)
            self.head = nn.Linear(8, 1)

        def forward(self, x, state=None):
            out, state = self.rnn(x, state)
            return self.head(out), state

    net = Net()
    wave = torch.sin(torch.linspace(0, 60, 601)).view(-1, 1, 1)
    pieces = [(wave[i : i + 20], wave[i + 1 : i + 21]) for i in range(0, 580, 20)]
    for epoch in range(5):
        losses, _ = train_truncated(net, torch.optim.Adam(net.parameters(), lr=0.01), pieces)
        print(epoch, sum(losses) / len(losses))
