# wrong: the helper takes (labels, predictions) and is called with (predictions, labels): fn and fp exchanged
# misconception: false_positives_and_negatives_swapped
import torch
from torch.nn.functional import cross_entropy


def confusion(labels, predictions):
    tp = ((labels == 1) & (predictions == 1)).sum().item()
    fn = ((labels == 1) & (predictions == 0)).sum().item()
    fp = ((labels == 0) & (predictions == 1)).sum().item()
    tn = ((labels == 0) & (predictions == 0)).sum().item()
    return tp, fn, fp, tn


def evaluate(model, batches):
    modes = [(m, m.training) for m in model.modules()]
    counts, loss = [0, 0, 0, 0], 0.0
    try:
        model.eval()
        with torch.no_grad():
            for x, y in batches:
                logits, _ = model(x, None)
                loss += cross_entropy(logits, y, reduction="sum").item()
                counts = [a + b for a, b in zip(counts, confusion(logits.argmax(dim=1), y))]
    finally:
        for m, mode in modes:
            m.training = mode
    tp, fn, fp, tn = counts
    n = max(sum(counts), 1)
    return {"loss": loss / n, "accuracy": (tp + tn) / n, "precision": tp / (tp + fp) if tp + fp else 0.0,
            "recall": tp / (tp + fn) if tp + fn else 0.0, "tp": tp, "fn": fn, "fp": fp, "tn": tn}
