# right: a generator trains and yields, a Counter adds up; partial and star imports
from collections import Counter
from functools import partial
from math import *
from torch import *
from torch import nn


class SequenceTagger(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, num_classes: int):
        super().__init__()
        make = partial(nn.RNN, input_size)
        self.rnn = make(hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x, state=None):
        hidden, state = self.rnn(x, state)
        return self.head(hidden), state


class SequenceClassifier(SequenceTagger):
    def forward(self, x, state=None):
        logits, state = super().forward(x, state)
        return logits[-1], state

    def predict(self, x):
        logits, _ = self.forward(x)
        return (logits - logits.logsumexp(dim=1, keepdim=True)).exp()


def steps(model, optimizer, batches):
    for x, y in batches:
        optimizer.zero_grad()
        logits, _ = model(x)
        loss = nn.functional.nll_loss(nn.functional.log_softmax(logits, dim=1), y)
        loss.backward()
        optimizer.step()
        yield {"loss": loss.item() * y.numel(), "hits": (logits.argmax(dim=1) == y).sum().item(), "n": y.numel()}


def train_epoch(model, optimizer, batches):
    sums = Counter()
    for step in steps(model, optimizer, batches):
        sums.update(step)
    return sums["loss"] / sums["n"], sums["hits"] / sums["n"]
