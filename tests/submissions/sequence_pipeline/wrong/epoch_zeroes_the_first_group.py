# wrong: The mistake (train_epoch): the gradients are zeroed by hand, but only those of the optimizer's first group.
# (2) It breaks: "The gradients of a batch are its own: what an earlier one left in `.grad` does not count."
# (3) It shows with two groups, e.g. SGD([{"params": model.rnn.parameters()}, {"params": model.head.parameters(), "lr": 0.1}], 0.01):
#     the head's gradients add up from batch to batch. Right with one group.
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
        return torch.softmax(logits, dim=1)


class SequenceTagger(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x, state=None):
        outputs, state = self.rnn(x, state)
        return self.head(outputs), state


def train_epoch(model, optimizer, batches):
    loss_sum, correct, total = 0.0, 0, 0
    for x, y in batches:
        for p in optimizer.param_groups[0]["params"]:
            p.grad = None
        logits, _ = model(x)
        loss = F.cross_entropy(logits, y)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(y)
        correct += (logits.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, correct / total
