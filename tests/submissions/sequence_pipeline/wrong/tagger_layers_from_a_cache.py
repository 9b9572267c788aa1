# (1) The mistake (tagger): the layers are made by a cached function of the sizes, so that two taggers of the same sizes
#     get the same layers.
# (2) It breaks: "No call leaves tensors behind in modules, globals or closures"; and a PyTorch user expects two modules
#     to have weights of their own (training one trains the other here).
# (3) It shows with two instances of the same sizes: a.rnn is b.rnn.
from functools import lru_cache

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


@lru_cache(maxsize=None)
def make_layers(input_size, hidden_size, num_classes):
    return nn.RNN(input_size, hidden_size), nn.Linear(hidden_size, num_classes)


class SequenceTagger(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn, self.head = make_layers(input_size, hidden_size, num_classes)

    def forward(self, x, state=None):
        outputs, state = self.rnn(x, state)
        return self.head(outputs), state


def train_epoch(model, optimizer, batches):
    loss_sum, right, n = 0.0, 0, 0
    for x, y in batches:
        optimizer.zero_grad()
        logits, _ = model(x)
        loss = F.cross_entropy(logits, y)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(y)
        right += (logits.argmax(dim=-1) == y).sum().item()
        n += len(y)
    return loss_sum / n, right / n
