# (1) The mistake (classifier): rows of zeros at the end of a sequence are taken for padding, and the logits come from
#     the last step whose input is not all zero.
# (2) It breaks: "the classifier's logits are (B, C), from the last step".
# (3) It shows with an x whose last step is all zero for some sequence, e.g. x[-1, 0] = 0 (silence, a pixel row).
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
        T, B, _ = x.shape
        steps = torch.arange(1, T + 1, device=x.device).unsqueeze(1)
        is_data = (x != 0).any(dim=-1)  # (T, B)
        last = ((is_data * steps).amax(dim=0) - 1).clamp(min=0)
        return self.head(outputs[last, torch.arange(B, device=x.device)]), state

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
