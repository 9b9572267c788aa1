# right: an abstract base class holds the parts, annotations and docstrings everywhere
from __future__ import annotations

import abc
from collections.abc import Iterable
from typing import Optional

import torch
from torch import Tensor, nn
from torch.optim import Optimizer


class _SequenceModel(nn.Module, abc.ABC):
    """An RNN below a linear head; subclasses choose which outputs reach the head."""

    def __init__(self, input_size: int, hidden_size: int, num_classes: int) -> None:
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)
        self.num_classes = num_classes

    @abc.abstractmethod
    def select(self, outputs: Tensor) -> Tensor:
        """The features the head sees."""

    def forward(self, x: Tensor, state: Optional[Tensor] = None) -> tuple[Tensor, Tensor]:
        outputs, new_state = self.rnn(x, state)
        return self.head(self.select(outputs)), new_state


class SequenceClassifier(_SequenceModel):
    def select(self, outputs: Tensor) -> Tensor:
        return outputs[-1]

    @torch.no_grad()
    def predict(self, x: Tensor) -> Tensor:
        """Probabilities (B, C)."""
        return torch.softmax(self.forward(x)[0], dim=1)


class SequenceTagger(_SequenceModel):
    def select(self, outputs: Tensor) -> Tensor:
        return outputs


Batches = Iterable["tuple[Tensor, Tensor]"]


def train_epoch(model: nn.Module, optimizer: Optimizer, batches: Batches) -> tuple[float, float]:
    criterion = nn.CrossEntropyLoss()
    total_loss: float = 0.0
    hits: int = 0
    seen: int = 0
    for x, y in batches:
        logits, _ = model(x, None)
        loss: Tensor = criterion(logits, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        size = y.size(0)
        total_loss += float(loss.detach()) * size
        hits += int(logits.detach().argmax(1).eq(y).sum())
        seen += size
    return total_loss / seen, hits / seen
