# wrong: cuts the tensors of the outermost container, not those deeper in
# misconception: part_keeps_graph
import torch
import torch.nn.functional as F


def cut(t):
    return t.detach() if isinstance(t, torch.Tensor) else t


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if isinstance(state, dict):
            state = type(state)((k, cut(v)) for k, v in state.items())
        elif isinstance(state, tuple) and hasattr(state, "_fields"):
            state = type(state)(*map(cut, state))
        elif isinstance(state, (tuple, list)):
            state = type(state)(map(cut, state))
        else:
            state = cut(state)
    return losses, state
