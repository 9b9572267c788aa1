# wrong: freezes the model's parameters and leaves them frozen
# misconception: parameters_frozen_or_thawed
import torch
import torch.nn.functional as F


def evaluate(model, batches):
    modes = {m: m.training for m in model.modules()}
    total = tp = fn = fp = tn = 0
    loss = 0.0
    try:
        model.eval()
        for p in model.parameters():
            p.requires_grad = False
        with torch.no_grad():
            for x, y in batches:
                logits, _ = model(x, None)
                loss += F.cross_entropy(logits, y, reduction="sum").item()
                said = logits.argmax(dim=1)
                tp += int(((said == 1) & (y == 1)).sum())
                fn += int(((said == 0) & (y == 1)).sum())
                fp += int(((said == 1) & (y == 0)).sum())
                tn += int(((said == 0) & (y == 0)).sum())
    finally:
        for m, mode in modes.items():
            m.training = mode
    n = tp + fn + fp + tn
    return {
        "loss": loss / n if n else 0.0, "tp": tp, "fn": fn, "fp": fp, "tn": tn,
        "accuracy": (tp + tn) / n if n else 0.0,
        "precision": tp / (tp + fp) if tp + fp else 0.0,
        "recall": tp / (tp + fn) if tp + fn else 0.0,
    }
