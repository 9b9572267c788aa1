# right: no_grad as a decorator, the modes in a dict of modules, try and finally
import torch
import torch.nn.functional as F


@torch.no_grad()
def evaluate(model, batches):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    loss, tp, fn, fp, tn = 0.0, 0, 0, 0, 0
    try:
        for x, y in batches:
            logits, _ = model(x, None)
            loss += F.cross_entropy(logits, y, reduction="sum").item()
            pred = logits.argmax(dim=1)
            tp += ((pred == 1) & (y == 1)).sum().item()
            fn += ((pred == 0) & (y == 1)).sum().item()
            fp += ((pred == 1) & (y == 0)).sum().item()
            tn += ((pred == 0) & (y == 0)).sum().item()
    finally:
        for module, mode in modes.items():
            module.training = mode
    n = tp + fn + fp + tn
    return {
        "loss": loss / n if n else 0.0,
        "accuracy": (tp + tn) / n if n else 0.0,
        "precision": tp / (tp + fp) if tp + fp else 0.0,
        "recall": tp / (tp + fn) if tp + fn else 0.0,
        "tp": tp, "fn": fn, "fp": fp, "tn": tn,
    }
