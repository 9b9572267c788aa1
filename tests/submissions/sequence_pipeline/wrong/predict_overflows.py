# wrong: takes exponentials of the logits as they are, and large ones give NaN
# misconception: none
import torch
import torch.nn.functional as F
from torch import nn


class SequenceClassifier(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x, state=None):
        outputs, state = self.rnn(x, state)
        return self.head(outputs[-1]), state

    def predict(self, x):
        logits, _ = self(x)
        scores = logits.exp()
        return scores / scores.sum(dim=-1, keepdim=True)


class SequenceTagger(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x, state=None):
        out, state = self.rnn(x, state)
        return self.head(out), state


def train_epoch(model, optimizer, batches):
    total, right, count = 0.0, 0, 0
    for x, y in batches:
        optimizer.zero_grad()
        logits, _ = model(x)
        loss = F.cross_entropy(logits, y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        right += (logits.argmax(dim=-1) == y).sum().item()
        count += len(y)
    return total / count, right / count
