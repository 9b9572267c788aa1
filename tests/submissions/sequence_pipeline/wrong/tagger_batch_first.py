# wrong: the tagger's logits come out as (B, T, C)
# misconception: batch_axis_for_time
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
        return self.head(output).transpose(0, 1), state


def train_epoch(model, optimizer, batches):
    loss_sum, correct, count = 0.0, 0, 0
    for x, y in batches:
        optimizer.zero_grad()
        logits, _ = model(x)
        loss = F.cross_entropy(logits, y)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(y)
        correct += (logits.argmax(dim=1) == y).sum().item()
        count += len(y)
    return loss_sum / count, correct / count
