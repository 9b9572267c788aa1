# wrong: the new state is cut from the graph before it is returned
# misconception: returned_state_detached
import torch
import torch.nn as nn


class Base(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)


class SequenceClassifier(Base):
    def forward(self, x, state=None):
        outputs, state = self.rnn(x, state)
        logits = self.head(outputs[-1])
        return logits, state.detach()

    def predict(self, x):
        with torch.no_grad():
            logits, state = self.forward(x)
        return torch.softmax(logits, dim=-1)


class SequenceTagger(Base):
    def forward(self, x, state=None):
        outputs, state = self.rnn(x, state)
        logits = self.head(outputs)
        return logits, state.detach()


def train_epoch(model, optimizer, batches):
    criterion = nn.CrossEntropyLoss()
    total_loss = 0.0
    total_right = 0
    total = 0
    for x, y in batches:
        logits, _ = model(x)
        loss = criterion(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * y.size(0)
        total_right += (logits.argmax(1) == y).sum().item()
        total += y.size(0)
    return total_loss / total, total_right / total
