# wrong: the losses are detached, but still tensors and not floats
# misconception: tensors_kept
import torch
import torch.nn.functional as F


def detach(state):
    if state is None:
        return None
    if torch.is_tensor(state):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((name, detach(part)) for name, part in state.items())
    if isinstance(state, tuple) and hasattr(state, "_fields"):
        return type(state)(*map(detach, state))
    return type(state)(map(detach, state))


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach().cpu())
        state = detach(state)
    return losses, state
