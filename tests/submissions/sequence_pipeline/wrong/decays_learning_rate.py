# wrong: every epoch leaves the optimizer of the caller with a smaller learning rate
"""From sequence to prediction."""
import torch
import torch.nn.functional as F
from torch import nn


class SequenceClassifier(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x, state=None):
        out, new = self.rnn(x, state)
        return self.head(out[-1]), new

    def predict(self, x):
        with torch.no_grad():
            return F.softmax(self(x)[0], dim=-1)


class SequenceTagger(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x, state=None):
        out, new = self.rnn(x, state)
        return self.head(out), new


def train_epoch(model, optimizer, batches):
    total, right, n = 0.0, 0, 0
    for x, y in batches:
        optimizer.zero_grad()
        logits, _ = model(x)
        loss = F.cross_entropy(logits, y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        right += int((logits.argmax(-1) == y).sum())
        n += len(y)
    for group in optimizer.param_groups:
        group["lr"] *= 0.95
    return total / n, right / n
