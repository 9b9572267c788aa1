# wrong: len(x) is taken for the number of sequences, but it is the number of steps
# misconception: steps_counted_for_sequences
import torch
from torch import nn
import torch.nn.functional as F


class SequenceClassifier(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x, state=None):
        output, state = self.rnn(x, state)
        return self.head(output[-1]), state

    def predict(self, x):
        logits, _ = self(x)
        return F.softmax(logits, dim=1)


class SequenceTagger(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x, state=None):
        output, state = self.rnn(x, state)
        return self.head(output), state


def train_epoch(model, optimizer, batches):
    loss_sum, correct, count = 0.0, 0, 0
    for x, y in batches:
        optimizer.zero_grad()
        logits, _ = model(x)
        loss = F.cross_entropy(logits, y)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(x)
        correct += (logits.argmax(dim=1) == y).float().mean().item() * len(x)
        count += len(x)
    return loss_sum / count, correct / count
