# right: one step of time at a time, zero state made by hand
import torch
import torch.nn as nn


def run(rnn, x, state):
    if state is None:
        state = x.new_zeros(1, x.size(1), rnn.hidden_size)
    outputs = []
    for t in range(x.size(0)):
        out, state = rnn(x[t : t + 1], state)
        outputs.append(out)
    return torch.cat(outputs, dim=0), state


class SequenceClassifier(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x, state=None):
        outputs, state = run(self.rnn, x, state)
        last = outputs[outputs.size(0) - 1]
        return self.head(last), state

    def predict(self, x):
        with torch.no_grad():
            logits, _ = self(x)
            e = torch.exp(logits - logits.max(dim=1, keepdim=True).values)
            return e / e.sum(dim=1, keepdim=True)


class SequenceTagger(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x, state=None):
        outputs, state = run(self.rnn, x, state)
        logits = torch.stack([self.head(step) for step in outputs])
        return logits, state


def train_epoch(model, optimizer, batches):
    loss_fn = nn.CrossEntropyLoss(reduction="sum")
    loss_total = 0.0
    right = 0
    n = 0
    for x, y in batches:
        optimizer.zero_grad()
        state = None  # every batch starts anew
        logits, state = model(x, state)
        loss = loss_fn(logits, y)
        (loss / y.numel()).backward()
        optimizer.step()
        loss_total += loss.item()
        right += torch.count_nonzero(logits.argmax(dim=1) == y).item()
        n += y.numel()
    return loss_total / n, right / n
