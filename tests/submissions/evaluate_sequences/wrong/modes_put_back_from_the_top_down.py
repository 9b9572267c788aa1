# wrong: modes are put back by train(), from the top down: a part that two others share gets that of the second
# misconception: none
import torch
import torch.nn.functional as F


def evaluate(model, batches):
    modes = [(m, m.training) for m in model.modules()]
    loss_sum, tp, fn, fp, tn = 0.0, 0, 0, 0, 0
    try:
        model.eval()
        with torch.no_grad():
            for x, y in batches:
                logits, _ = model(x, None)
                loss_sum += F.cross_entropy(logits.double(), y, reduction="sum").item()
                pred = logits.argmax(dim=1)
                tp += ((pred == 1) & (y == 1)).sum().item()
                fn += ((pred == 0) & (y == 1)).sum().item()
                fp += ((pred == 1) & (y == 0)).sum().item()
                tn += ((pred == 0) & (y == 0)).sum().item()
    finally:
        for m, mode in modes:
            m.train(mode)
    n = tp + fn + fp + tn
    return {
        "loss": loss_sum / n,
        "accuracy": (tp + tn) / n,
        "precision": tp / (tp + fp) if tp + fp > 0 else 0.0,
        "recall": tp / (tp + fn) if tp + fn > 0 else 0.0,
        "tp": tp,
        "fn": fn,
        "fp": fp,
        "tn": tn,
    }
