# wrong: counts class 0 as the positive class
# misconception: positive_class_is_zero
import torch
import torch.nn.functional as F


def evaluate(model, batches):
    modes = [(m, m.training) for m in model.modules()]
    loss, tp, fn, fp, tn = 0.0, 0, 0, 0, 0
    try:
        model.eval()
        with torch.no_grad():
            for x, y in batches:
                logits, _ = model(x, None)
                loss += F.cross_entropy(logits, y, reduction="sum").item()
                pred = logits.argmax(dim=1)
                tp += int(((pred == 0) & (y == 0)).sum())
                fn += int(((pred == 1) & (y == 0)).sum())
                fp += int(((pred == 0) & (y == 1)).sum())
                tn += int(((pred == 1) & (y == 1)).sum())
    finally:
        for m, mode in modes:
            m.training = mode
    n = tp + fn + fp + tn
    return {
        "loss": loss / n if n else 0.0,
        "accuracy": (tp + tn) / n if n else 0.0,
        "precision": tp / (tp + fp) if tp + fp else 0.0,
        "recall": tp / (tp + fn) if tp + fn else 0.0,
        "tp": tp, "fn": fn, "fp": fp, "tn": tn,
    }
