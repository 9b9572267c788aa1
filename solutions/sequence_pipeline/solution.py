"""Reference for sequence_pipeline: a recurrent network reads, a linear head decides."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer


class SequenceClassifier(nn.Module):
    """One class for a whole sequence, decided after its last step."""

    def __init__(self, input_size: int, hidden_size: int, num_classes: int) -> None:
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the logits (B, C) of ``x (T, B, I)`` and the state (1, B, H) after it."""
        outputs, new_state = self.rnn(x, state)
        return self.head(outputs[-1]), new_state  # time is the first axis: [-1] has read it all

    @torch.no_grad()
    def predict(self, x: Tensor) -> Tensor:
        """Return the probabilities (B, C) of the classes; they sum to 1 for each sequence."""
        logits, _ = self(x)
        return logits.softmax(dim=-1)


class SequenceTagger(nn.Module):
    """One class for every step of a sequence."""

    def __init__(self, input_size: int, hidden_size: int, num_classes: int) -> None:
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the logits (T, B, C) of ``x (T, B, I)`` and the state (1, B, H) after it."""
        outputs, new_state = self.rnn(x, state)
        return self.head(outputs), new_state


def train_epoch(
    model: SequenceClassifier, optimizer: Optimizer, batches: Iterable[tuple[Tensor, Tensor]]
) -> tuple[float, float]:
    """Train a classifier on every batch once.

    Args:
        model: the classifier.
        optimizer: holds the model's parameters.
        batches: pairs of sequences ``x (T, B, I)`` and their classes ``y (B,)``.

    Returns:
        The cross-entropy and the accuracy, averaged over all sequences of the epoch.
    """
    total_loss, correct, sequences = 0.0, 0, 0
    for x, y in batches:
        optimizer.zero_grad()
        logits, _ = model(x)  # no state: these sequences have nothing to do with the last batch
        loss = cross_entropy(logits, y)
        loss.backward()
        optimizer.step()

        total_loss += loss.item() * len(y)  # the mean of this batch counts for its sequences
        correct += int((logits.argmax(dim=-1) == y).sum())
        sequences += len(y)
    return total_loss / sequences, correct / sequences
