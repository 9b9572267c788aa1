# wrong: retain_graph=True instead of cutting the state
# misconception: graph_retained
import torch
import torch.nn as nn


def train_truncated(model, optimizer, windows, state=None):
    criterion = nn.MSELoss()
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = criterion(prediction, y)
        # "Trying to backward through the graph a second time" -> fixed!
        loss.backward(retain_graph=True)
        optimizer.step()
        losses.append(loss.item())
    return losses, state
