# wrong: the logits of the last batch live on as an attribute of the function
# misconception: none
import torch
import torch.nn.functional as F


def evaluate(model, batches):
    modes = [(m, m.training) for m in model.modules()]
    loss, tp, fn, fp, tn = 0.0, 0, 0, 0, 0
    try:
        model.eval()
        for x, y in batches:
            with torch.no_grad():
                logits, _ = model(x, None)
                loss += F.cross_entropy(logits, y, reduction="sum").item()
            evaluate.last_logits = logits  # for debugging
            guess = logits.argmax(-1)
            tp += ((guess == 1) & (y == 1)).sum().item()
            fn += ((guess == 0) & (y == 1)).sum().item()
            fp += ((guess == 1) & (y == 0)).sum().item()
            tn += ((guess == 0) & (y == 0)).sum().item()
    finally:
        for m, mode in modes:
            m.training = mode
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
