# wrong: a single class gets a sigmoid
# misconception: sigmoid_for_one_class
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
        logits, _ = self.forward(x)
        return logits.softmax(dim=-1) if logits.size(-1) > 1 else logits.sigmoid()


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
        total += loss.item() * y.size(0)
        right += (logits.argmax(dim=1) == y).sum().item()
        n += y.size(0)
    return total / n, right / n
