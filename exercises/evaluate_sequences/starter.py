"""evaluate_sequences: measuring without leaking. Fill in the body."""

from collections.abc import Iterable

from torch import Tensor, nn


def evaluate(model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]]) -> dict[str, float]:
    """Measure a classifier of sequences on all of `batches`, and leave it as it was.

    Args:
        model: called as `model(x, None)`, returns `(logits, state)`; logits are (B, 2),
            for class 0 and class 1. It may be in any mode, each of its submodules in
            one of its own.
        batches: pairs `(x, y)`, perhaps from a generator: x is (T, B, I), y is (B,),
            int64, 0 or 1. All sequences are independent. T and B may change from batch
            to batch.

    Returns:
        loss: the cross-entropy, averaged over all sequences.
        accuracy, precision, recall: floats, of class 1; 0.0 where a ratio has no
            denominator.
        tp, fn, fp, tn: ints, how many sequences are true positives, false negatives,
            false positives and true negatives.

    Raises:
        Nothing of its own; what `model` or `batches` raise passes through, and the
        modes are restored then, too.
    """
    raise NotImplementedError
