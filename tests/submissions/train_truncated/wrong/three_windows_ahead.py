# wrong: three windows are read ahead
# misconception: windows_read_into_list
from collections import deque
from itertools import islice

import torch
import torch.nn.functional as F


def detach(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)({k: detach(v) for k, v in state.items()})
    if isinstance(state, list):
        return [detach(v) for v in state]
    if isinstance(state, tuple):
        return state._make(map(detach, state)) if hasattr(state, "_make") else tuple(map(detach, state))


def train_truncated(model, optimizer, windows, state=None):
    losses, windows = [], iter(windows)
    ahead = deque(islice(windows, 3))
    while ahead:
        x, y = ahead.popleft()
        ahead.extend(islice(windows, 1))
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        state = detach(state)
    return losses, state
