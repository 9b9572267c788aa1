# right: beginner's loop with many comments and a recursive helper
import torch
import torch.nn as nn


def detach_everything(state):
    # no state at all: nothing to do
    if state is None:
        return None
    # a single tensor, e.g. of an RNN or a GRU
    if isinstance(state, torch.Tensor):
        return state.detach()
    # dict or OrderedDict
    if isinstance(state, dict):
        new_dict = type(state)()
        for key in state:
            new_dict[key] = detach_everything(state[key])
        return new_dict
    # list or tuple
    new_items = []
    for item in state:
        new_items.append(detach_everything(item))
    if isinstance(state, list):
        return new_items
    if hasattr(state, "_fields"):
        # named tuples want their items one by one
        return type(state)(*new_items)
    return tuple(new_items)


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    losses = []
    for x, y in windows:
        # 1. forget the old gradients
        model.zero_grad()
        # 2. forward
        prediction, state = model(x, state)
        # 3. how wrong are we?
        loss = criterion(prediction, y)
        # 4. backward and update
        loss.backward()
        optimizer.step()
        # 5. remember the number, not the tensor
        losses.append(loss.item())
        # 6. cut the graph before the next window
        state = detach_everything(state)
    return losses, state
