# wrong: calls model.zero_grad(), wiping the gradients the caller had
# misconception: gradients_cleared
import torch
import torch.nn.functional as F


def evaluate(model, batches):
    modes = [(m, m.training) for m in model.modules()]
    loss, tp, fn, fp, tn = 0.0, 0, 0, 0, 0
    try:
        model.eval()
        model.zero_grad()
        with torch.no_grad():
            for x, y in batches:
                logits, _ = model(x, None)
                loss += F.cross_entropy(logits, y, reduction="sum").item()
                pred = logits.argmax(dim=1)
                tp += int(((pred == 1) & (y == 1)).sum())
                fn += int(((pred == 0) & (y == 1)).sum())
                fp += int(((pred == 1) & (y == 0)).sum())
                tn += int(((pred == 0) & (y == 0)).sum())
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
