# wrong: an exponential moving average of loss tensors drags all graphs along
# misconception: tensors_kept
import logging

import torch
import torch.nn.functional as F

log = logging.getLogger(__name__)


def cut(s):
    if isinstance(s, torch.Tensor):
        return s.detach()
    if isinstance(s, dict):
        return type(s)((k, cut(v)) for k, v in s.items())
    if isinstance(s, tuple) and hasattr(s, "_fields"):
        return type(s)(*map(cut, s))
    if isinstance(s, (tuple, list)):
        return type(s)(map(cut, s))
    return s


def train_truncated(model, optimizer, windows, state=None):
    losses, smooth = [], None
    for i, (x, y) in enumerate(windows):
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        smooth = loss if smooth is None else 0.9 * smooth + 0.1 * loss
        log.debug("window %d, smoothed loss %.4f", i, smooth.item())
        losses.append(loss.item())
        state = cut(state)
    return losses, state
