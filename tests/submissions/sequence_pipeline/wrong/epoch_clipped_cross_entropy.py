# (1) The mistake (train_epoch): a cross-entropy of its own, the log of probabilities that are clipped at 1e-7 (as Keras
#     does it).
# (2) It breaks: "cross-entropy", and "gradients are those of torch.nn".
# (3) It shows when the right class is more than 16 behind in the logits (a badly mistaken model, a large head): the loss
#     is 16.1 instead of 50, say, and such a sequence gives no gradient at all.
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
        return F.softmax(logits, dim=-1)


class SequenceTagger(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x, state=None):
        outputs, state = self.rnn(x, state)
        return self.head(outputs), state


def cross_entropy(logits, y):
    probabilities = torch.softmax(logits, dim=-1)
    of_the_class = probabilities[torch.arange(len(y), device=y.device), y]
    return -of_the_class.clamp(min=1e-7).log().mean()


def train_epoch(model, optimizer, batches):
    loss_sum, right, n = 0.0, 0, 0
    for x, y in batches:
        optimizer.zero_grad()
        logits, _ = model(x)
        loss = cross_entropy(logits, y)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(y)
        right += (logits.argmax(dim=-1) == y).sum().item()
        n += len(y)
    return loss_sum / n, right / n
