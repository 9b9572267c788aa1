# wrong: remembers the modes of children and grandchildren only
# misconception: none
import torch
import torch.nn.functional as F


def evaluate(model, batches):
    modes = [(module, module.training) for module in (model, *model.children(), *(m for c in model.children() for m in c.children()))]
    tp = fn = fp = tn = 0
    loss = 0.0
    try:
        model.eval()
        with torch.no_grad():
            for x, y in batches:
                logits, _ = model(x, None)
                loss += F.cross_entropy(logits, y, reduction="sum").item()
                says = logits.argmax(dim=1)
                tp += int(((says == 1) & (y == 1)).sum())
                fn += int(((says == 0) & (y == 1)).sum())
                fp += int(((says == 1) & (y == 0)).sum())
                tn += int(((says == 0) & (y == 0)).sum())
    finally:
        for module, mode in modes:
            module.training = mode
    n = tp + fn + fp + tn
    return {
        "loss": loss / n,
        "accuracy": (tp + tn) / n,
        "precision": tp / (tp + fp) if tp + fp else 0.0,
        "recall": tp / (tp + fn) if tp + fn else 0.0,
        "tp": tp,
        "fn": fn,
        "fp": fp,
        "tn": tn,
    }
