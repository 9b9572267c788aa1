# wrong: detach_() on the model's state, an error where the state is a view of the outputs
# misconception: none
import torch
import torch.nn.functional as F


def detach_(state):
    if isinstance(state, torch.Tensor):
        state.detach_()
    elif isinstance(state, dict):
        for value in state.values():
            detach_(value)
    elif isinstance(state, (tuple, list)):
        for value in state:
            detach_(value)


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        detach_(state)
    return losses, state
