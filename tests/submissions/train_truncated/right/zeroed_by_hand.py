# right: gradients set to zero by hand, state cut before the optimizer's step
import torch


def cut(state):
    kind = type(state)
    if isinstance(state, torch.Tensor):
        return state.detach()
    if issubclass(kind, dict):
        return kind((k, cut(v)) for k, v in state.items())
    if issubclass(kind, tuple) and kind is not tuple:
        return kind(*(cut(v) for v in state))
    if kind in (tuple, list):
        return kind(cut(v) for v in state)
    return state


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad = torch.zeros_like(p)
        prediction, state = model(x, state)
        difference = prediction - y
        loss = (difference * difference).sum() / difference.numel()
        loss.backward()
        state = cut(state)
        losses.append(loss.detach().cpu().item())
        optimizer.step()
    return losses, state
