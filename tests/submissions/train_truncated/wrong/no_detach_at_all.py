# wrong: the state goes on with its graph, an error at the second window
# misconception: no_detach
import torch.nn.functional as F


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, state
