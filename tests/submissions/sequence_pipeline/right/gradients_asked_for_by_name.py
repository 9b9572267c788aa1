# right: gradients by torch.func.grad_and_value and functional_call, given to the parameters by name
# JAX person: loss_fn(params, batch) -> (loss, aux), grad with has_aux, then the optimizer gets the gradients.
from functools import partial

import torch
from torch import nn
from torch.func import functional_call, grad_and_value


def cross_entropy(logits, y):
    return -torch.log_softmax(logits, -1).gather(-1, y[..., None]).squeeze(-1).mean()


class SequenceClassifier(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x, state=None):
        ys, carry = self.rnn(x, state)
        return self.head(ys[-1]), carry

    def predict(self, x):
        logits, _ = self(x)
        return torch.exp(logits - torch.logsumexp(logits, -1, keepdim=True))


class SequenceTagger(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x, state=None):
        ys, carry = self.rnn(x, state)
        return self.head(ys), carry


def loss_fn(apply, params, x, y):
    logits, _ = apply(params, (x,))
    return cross_entropy(logits, y), logits.detach()


def train_epoch(model, optimizer, batches):
    value_and_grad = grad_and_value(partial(loss_fn, partial(functional_call, model)), has_aux=True)
    seen, loss_sum, hits = 0, 0.0, 0
    for x, y in batches:
        trainable = {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}
        grads, (loss, logits) = value_and_grad(trainable, x, y)
        optimizer.zero_grad()
        for name, p in model.named_parameters():
            p.grad = grads.get(name)
        optimizer.step()
        n = y.size(0)
        seen, loss_sum, hits = seen + n, loss_sum + n * loss.item(), hits + (logits.argmax(-1) == y).sum().item()
    return loss_sum / seen, hits / seen
