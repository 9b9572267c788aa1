# wrong: prediction and target are cast to float32, a double model loses half its digits
# misconception: none
import torch
import torch.nn.functional as F
from torch.utils._pytree import tree_map_only


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction.float(), y.float())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        state = tree_map_only(torch.Tensor, torch.Tensor.detach, state)
    return losses, state
