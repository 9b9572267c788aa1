# wrong: each class counts as positive in turn and the counts are added: all ratios equal the accuracy
# misconception: only_accuracy_right
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
                for c in (0, 1):
                    tp += ((pred == c) & (y == c)).sum().item()
                    fn += ((pred != c) & (y == c)).sum().item()
                    fp += ((pred == c) & (y != c)).sum().item()
                    tn += ((pred != c) & (y != c)).sum().item()
    finally:
        for m, mode in modes:
            m.training = mode
    n = max((tp + fn + fp + tn) // 2, 1)
    return {"loss": loss / n, "accuracy": tp / n, "precision": tp / max(tp + fp, 1), "recall": tp / max(tp + fn, 1),
            "tp": tp, "fn": fn, "fp": fp, "tn": tn}
