# right: everything is checked, also that probabilities sum to one
"""Sequence-to-prediction pipeline with exhaustive validation and logging."""
from __future__ import annotations

import logging
import math
import unittest
import warnings
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Iterable, Iterator, Optional, Tuple

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

log: Final = logging.getLogger("pipeline")
warnings.simplefilter("default")


class Mode(Enum):
    LAST = auto()
    EVERY = auto()


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


class _SequenceModel(nn.Module):
    mode: Mode

    def __init__(self, input_size: int, hidden_size: int, num_classes: int) -> None:
        super().__init__()
        for name, value in dict(input_size=input_size, hidden_size=hidden_size, num_classes=num_classes).items():
            _require(isinstance(value, int) and value > 0, f"{name} must be a positive int, not {value!r}")
        self.input_size, self.hidden_size, self.num_classes = input_size, hidden_size, num_classes
        self.rnn: nn.RNN = nn.RNN(input_size, hidden_size)
        self.head: nn.Linear = nn.Linear(hidden_size, num_classes)

    def initial_state(self, x: Tensor) -> Tensor:
        reference = next(self.parameters())
        return torch.zeros((1, x.size(1), self.hidden_size), dtype=reference.dtype, device=reference.device)

    def forward(self, x: Tensor, state: Optional[Tensor] = None) -> Tuple[Tensor, Tensor]:
        _require(isinstance(x, Tensor), "x must be a tensor")
        _require(x.ndim == 3, f"x must be (T, B, I), not {tuple(x.shape)}")
        _require(x.shape[-1] == self.input_size, "wrong number of features")
        if state is None:
            state = self.initial_state(x)
        _require(tuple(state.shape) == (1, x.shape[1], self.hidden_size), "wrong shape of the state")
        outputs, new_state = self.rnn(x, state)
        assert outputs.shape == (x.shape[0], x.shape[1], self.hidden_size)
        if self.mode is Mode.LAST:
            logits = self.head(outputs[-1, :, :])
            assert logits.shape == (x.shape[1], self.num_classes)
        elif self.mode is Mode.EVERY:
            logits = self.head(outputs)
            assert logits.shape == (x.shape[0], x.shape[1], self.num_classes)
        else:
            raise AssertionError(self.mode)
        return logits, new_state

    def extra_repr(self) -> str:
        return f"mode={self.mode.name}"


class SequenceClassifier(_SequenceModel):
    mode = Mode.LAST

    def predict(self, x: Tensor) -> Tensor:
        was_training = self.training
        self.eval()
        try:
            with torch.no_grad():
                logits, _ = self(x, state=None)
                probabilities = torch.softmax(logits, dim=-1)
        finally:
            self.train(was_training)
        assert torch.allclose(probabilities.sum(-1), torch.ones_like(probabilities.sum(-1)), atol=1e-4)
        return probabilities


class SequenceTagger(_SequenceModel):
    mode = Mode.EVERY


@dataclass
class _Averages:
    loss_sum: float = 0.0
    correct: int = 0
    count: int = 0
    history: list = field(default_factory=list)

    def update(self, loss: float, correct: int, count: int) -> None:
        self.loss_sum += loss * count
        self.correct += correct
        self.count += count
        self.history.append(loss)

    def result(self) -> Tuple[float, float]:
        return self.loss_sum / self.count, self.correct / self.count


def train_epoch(model: SequenceClassifier, optimizer: Optimizer, batches: Iterable[Tuple[Tensor, Tensor]]):
    _require(isinstance(model, nn.Module), "model must be a module")
    _require(isinstance(optimizer, Optimizer), "optimizer must be an Optimizer")
    averages = _Averages()
    criterion = nn.CrossEntropyLoss(reduction="mean")
    model.train()
    with torch.enable_grad():
        for number, (x, y) in enumerate(batches, start=1):
            _require(y.dtype == torch.int64 and y.ndim == 1, "y must be (B,), int64")
            optimizer.zero_grad(set_to_none=True)
            logits, _ = model(x)
            loss = criterion(logits, y)
            if not math.isfinite(loss.item()):
                log.warning("batch %d: loss is %r", number, loss.item())
            loss.backward()
            with torch.no_grad():
                correct = int((logits.argmax(dim=-1) == y).sum().item())
            averages.update(loss.item(), correct, int(y.numel()))
            optimizer.step()
            log.debug("batch %d done", number)
    return averages.result()


class TestShapes(unittest.TestCase):
    def test_classifier(self):
        logits, state = SequenceClassifier(5, 4, 3)(torch.zeros(10, 1, 5))
        self.assertEqual(tuple(logits.shape), (1, 3))
        self.assertEqual(tuple(state.shape), (1, 1, 4))


if __name__ == "__main__":
    unittest.main()
