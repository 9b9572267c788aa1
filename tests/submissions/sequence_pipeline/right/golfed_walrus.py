# right: golfed, walrus and map, the classes share one __init__, forward gives a list
import torch.nn as nn
from torch.nn.functional import cross_entropy as ce


class Net(nn.Module):
    def __init__(self, i, h, c):
        super().__init__()
        self.rnn, self.head = nn.RNN(i, h), nn.Linear(h, c)


class SequenceTagger(Net):
    def forward(self, x, state=None):
        y, s = self.rnn(x, state)
        return [self.head(y), s]


class SequenceClassifier(Net):
    def forward(self, x, state=None):
        *_, y = (r := self.rnn(x, state))[0]
        return [self.head(y), r[1]]

    def predict(self, x):
        return self(x)[0].softmax(1)


def train_epoch(model, optimizer, batches):
    def go(x, y):
        optimizer.zero_grad()
        z = model(x)[0]
        (loss := ce(z, y)).backward()
        optimizer.step()
        return loss.item() * len(y), (z.argmax(1) == y).sum().item(), len(y)

    a, b, n = map(sum, zip(*[go(*p) for p in batches]))
    return a / n, b / n
