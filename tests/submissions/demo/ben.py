"""Homework of week 3. Shapes all check out, losses look plausible."""

import torch
from torch import nn


def init_hidden(rnn, batch_size):
    shape = (rnn.num_layers, batch_size, rnn.hidden_size)
    if isinstance(rnn, nn.LSTM):
        return torch.zeros(shape), torch.zeros(shape)
    return torch.zeros(shape)


def train_truncated(model, optimizer, windows, state=None):
    losses = []
    total = 0
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x, state)
        loss = nn.functional.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        total = total + loss
        losses.append(loss.item())
        state = tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
    print("mean loss:", total / max(len(losses), 1))
    return losses, state
