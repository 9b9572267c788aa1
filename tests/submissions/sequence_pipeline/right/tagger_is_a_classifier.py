# right: the tagger subclasses the classifier, the last state itself goes through the head
import torch
from torch.nn import RNN, CrossEntropyLoss, Linear, Module


class SequenceClassifier(Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super(SequenceClassifier, self).__init__()
        self.rnn = RNN(input_size, hidden_size)
        self.head = Linear(hidden_size, num_classes)

    def forward(self, x, state=None):
        _, h_n = self.rnn(x, state)
        return self.head(h_n[-1]), h_n

    def predict(self, x):
        log_p = self.forward(x)[0].log_softmax(1)
        return log_p.exp()


class SequenceTagger(SequenceClassifier):
    def forward(self, x, state=None):
        output, h_n = self.rnn(x, state)
        return self.head(output), h_n


def train_epoch(model, optimizer, batches):
    losses, hits = [], []
    for x, y in batches:
        optimizer.zero_grad()
        logits = model(x)[0]
        each = CrossEntropyLoss(reduction="none")(logits, y)
        each.mean().backward()
        optimizer.step()
        losses += each.tolist()
        hits += (logits.argmax(-1) == y).tolist()
    return sum(losses) / len(losses), sum(hits) / len(hits)
