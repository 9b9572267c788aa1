# right: the recurrence written out with the rnn's own weights, einsum for the tagger's head
import torch
from torch import nn
from torch.nn import functional as F


def elman(rnn, x, state):
    h = torch.zeros_like(x[0, :, :1]).expand(-1, rnn.hidden_size) if state is None else state[0]
    steps = []
    for x_t in x.unbind(0):
        h = torch.tanh(F.linear(x_t, rnn.weight_ih_l0, rnn.bias_ih_l0) + F.linear(h, rnn.weight_hh_l0, rnn.bias_hh_l0))
        steps.append(h)
    return steps, h[None]


class SequenceClassifier(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.head = nn.Linear(hidden_size, num_classes)
        self.rnn = nn.RNN(input_size, hidden_size)

    def forward(self, x, state=None):
        steps, state = elman(self.rnn, x, state)
        return F.linear(steps[-1], self.head.weight, self.head.bias), state

    def predict(self, x):
        return F.softmax(self(x)[0], dim=1)


class SequenceTagger(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.head = nn.Linear(hidden_size, num_classes)
        self.rnn = nn.RNN(input_size, hidden_size)

    def forward(self, x, state=None):
        steps, state = elman(self.rnn, x, state)
        return torch.einsum("tbh,ch->tbc", torch.stack(steps), self.head.weight) + self.head.bias, state


def train_epoch(model, optimizer, batches):
    total = right = n = 0
    for x, y in batches:
        logits, _ = model(x)
        loss = -logits.log_softmax(1).gather(1, y[:, None]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        b = x.shape[1]
        total, right, n = total + loss.item() * b, right + (logits.max(1)[1] == y).sum().item(), n + b
    return float(total / n), float(right / n)
