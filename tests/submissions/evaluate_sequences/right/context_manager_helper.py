# right: a context manager of its own for the modes, a ratio helper, annotations everywhere
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


@contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[None]:
    before: list[tuple[nn.Module, bool]] = [(m, m.training) for m in model.modules()]
    model.train(False)
    try:
        with torch.no_grad():
            yield
    finally:
        for module, training in before:
            module.training = training


def ratio(numerator: int, denominator: int) -> float:
    return numerator / denominator if denominator > 0 else 0.0


def evaluate(model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]]) -> dict[str, float | int]:
    criterion = nn.CrossEntropyLoss(reduction="sum")
    counts: Counter[tuple[int, int]] = Counter()
    total_loss = 0.0
    with evaluation_mode(model):
        for x, y in batches:
            logits, _state = model(x, None)
            total_loss += float(criterion(logits, y))
            counts.update(zip(y.tolist(), logits.argmax(-1).tolist()))
    tp, fn, fp, tn = counts[1, 1], counts[1, 0], counts[0, 1], counts[0, 0]
    total = tp + fn + fp + tn
    return dict(
        loss=total_loss / total if total else 0.0,
        accuracy=ratio(tp + tn, total),
        precision=ratio(tp, tp + fp),
        recall=ratio(tp, tp + fn),
        tp=tp, fn=fn, fp=fp, tn=tn,
    )
