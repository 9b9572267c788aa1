# right: a template method; probabilities by torch.distributions, which refuses NaN
from __future__ import annotations
from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import Categorical


class Epoch(NamedTuple):
    loss: float
    accuracy: float


class _Sequence(nn.Module, ABC):
    def __init__(self, input_size: int, hidden_size: int, num_classes: int) -> None:
        super().__init__()
        # the head first: an arbitrary, but legal, order
        self.head = nn.Linear(hidden_size, num_classes)
        self.rnn = nn.RNN(input_size=input_size, hidden_size=hidden_size, num_layers=1)

    @abstractmethod
    def select(self, outputs: Tensor) -> Tensor:
        """Which states the head is given."""

    def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        match state:
            case None:
                outputs, new = self.rnn(x)
            case Tensor():
                outputs, new = self.rnn(x, state.contiguous())
        return self.head(self.select(outputs)), new


class SequenceClassifier(_Sequence):
    def select(self, outputs):
        last = torch.tensor([outputs.size(0) - 1], device=outputs.device)
        return outputs.index_select(0, last).squeeze(0)

    def predict(self, x):
        logits, _ = self(x)
        return Categorical(logits=logits).probs


class SequenceTagger(_Sequence):
    def select(self, outputs):
        return outputs


def train_epoch(model, optimizer, batches) -> Epoch:
    losses: list[float] = []
    hits: list[bool] = []
    for x, y in batches:
        optimizer.zero_grad(set_to_none=False)
        logits, _ = model.forward(x)
        each = nn.functional.cross_entropy(logits, y, reduction="none")
        each.mean().backward()
        losses.extend(each.tolist())
        hits.extend((logits.argmax(1) == y).tolist())
        optimizer.step()
    return Epoch(sum(losses) / len(losses), sum(hits) / len(hits))
