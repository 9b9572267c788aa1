"""Reference for evaluate_sequences: count over all sequences, divide once, put everything back."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy


def ratio(part: float, whole: int) -> float:
    """Return part / whole, or 0.0 of nothing."""
    return part / whole if whole else 0.0


def evaluate(model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]]) -> dict[str, float]:
    """Measure a classifier of sequences on all of `batches`, and leave it as it was.

    Args:
        model: called as `model(x, None)`, returns `(logits, state)`; logits are (B, 2).
        batches: pairs `(x, y)`, x is (T, B, I), y is (B,), 0 or 1.
    """
    total_loss = 0.0
    tp = fn = fp = tn = 0
    was_training = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            for x, y in batches:
                logits, _ = model(x, None)  # no sequence goes on where another one ended
                # The sum, not the mean: batches may differ in size.
                total_loss += cross_entropy(logits, y, reduction="sum").item()
                positive, predicted = y == 1, logits.argmax(dim=1) == 1
                tp += (positive & predicted).sum().item()
                fn += (positive & ~predicted).sum().item()
                fp += (~positive & predicted).sum().item()
                tn += (~positive & ~predicted).sum().item()
    finally:
        # One by one: train() would put all submodules into the same mode.
        for module, training in was_training.items():
            module.training = training

    count = tp + fn + fp + tn
    return {
        "loss": ratio(total_loss, count),
        "accuracy": ratio(tp + tn, count),
        "precision": ratio(tp, tp + fp),
        "recall": ratio(tp, tp + fn),
        "tp": tp,
        "fn": fn,
        "fp": fp,
        "tn": tn,
    }
