# wrong: the maximum is subtracted from the logits in place, which may be a view of the batch
# misconception: logits_written_into
import torch
import torch.nn.functional as F


def evaluate(model, batches):
    modes = [(m, m.training) for m in model.modules()]
    tp = fn = fp = tn = n = 0
    total = 0.0
    try:
        model.eval()
        with torch.no_grad():
            for x, y in batches:
                logits, _ = model(x, None)
                logits -= logits.max(dim=1, keepdim=True).values
                total += F.cross_entropy(logits, y, reduction="sum").item()
                said = logits.argmax(dim=1)
                tp += int(((said == 1) & (y == 1)).sum())
                fn += int(((said == 0) & (y == 1)).sum())
                fp += int(((said == 1) & (y == 0)).sum())
                tn += int(((said == 0) & (y == 0)).sum())
                n += y.size(0)
    finally:
        for m, mode in modes:
            m.training = mode
    return {
        "loss": total / n,
        "accuracy": (tp + tn) / n,
        "precision": tp / (tp + fp) if tp + fp else 0.0,
        "recall": tp / (tp + fn) if tp + fn else 0.0,
        "tp": tp, "fn": fn, "fp": fp, "tn": tn,
    }
