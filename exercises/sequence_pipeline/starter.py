"""sequence_pipeline: from sequence to prediction. Fill in the bodies."""

from collections.abc import Iterable

from torch import Tensor, nn
from torch.optim import Optimizer


class SequenceClassifier(nn.Module):
    """One class for a whole sequence, from what the network knows after its last step.

    Attributes: `rnn`, an `nn.RNN`, and `head`, an `nn.Linear` from hidden features to logits.
    """

    def __init__(self, input_size: int, hidden_size: int, num_classes: int) -> None:
        """Make `rnn`, from I input features to H hidden ones, and `head`, from H to C logits."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Run `x (T, B, I)` on from `state (1, B, H)`; None means zeros, of the dtype and on the device of `x`.

        Returns the logits (B, C) from the last step, and the new state (1, B, H).
        """
        raise NotImplementedError

    def predict(self, x: Tensor) -> Tensor:
        """Return the probabilities (B, C) of the classes, which sum to 1 for every sequence."""
        raise NotImplementedError


class SequenceTagger(nn.Module):
    """One class for every step of a sequence.

    Attributes: `rnn`, an `nn.RNN`, and `head`, an `nn.Linear` from hidden features to logits.
    """

    def __init__(self, input_size: int, hidden_size: int, num_classes: int) -> None:
        """Make `rnn`, from I input features to H hidden ones, and `head`, from H to C logits."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Run `x (T, B, I)` on from `state (1, B, H)`; None means zeros, of the dtype and on the device of `x`.

        Returns the logits (T, B, C) of every step, and the new state (1, B, H).
        """
        raise NotImplementedError


def train_epoch(
    model: SequenceClassifier, optimizer: Optimizer, batches: Iterable[tuple[Tensor, Tensor]]
) -> tuple[float, float]:
    """Train on every batch once.

    Args:
        model: a classifier.
        optimizer: holds the model's parameters.
        batches: pairs `(x, y)` of independent sequences, a list or a generator: x is (T, B, I),
            y the classes (B,), int64. T may change from batch to batch, and the last batch
            may be smaller.

    Returns:
        loss: the cross-entropy, averaged over all sequences of the epoch.
        accuracy: the share of all sequences whose class has the largest logit.
        Both as Python floats, from the logits that each batch was trained with.
    """
    raise NotImplementedError
