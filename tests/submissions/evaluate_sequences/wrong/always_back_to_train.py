# wrong: ends with model.train(), whatever the modes were before
# misconception: left_in_train_mode
import torch
import torch.nn.functional as F


def evaluate(model, batches):
    loss, tp, fn, fp, tn = 0.0, 0, 0, 0, 0
    model.eval()
    try:
        with torch.no_grad():
            for x, y in batches:
                logits, _ = model(x, None)
                loss += F.cross_entropy(logits, y, reduction="sum").item()
                pred = logits.argmax(dim=1)
                tp += ((pred == 1) & (y == 1)).sum().item()
                fn += ((pred == 0) & (y == 1)).sum().item()
                fp += ((pred == 1) & (y == 0)).sum().item()
                tn += ((pred == 0) & (y == 0)).sum().item()
    finally:
        model.train()
    n = max(tp + fn + fp + tn, 1)
    return {"loss": loss / n, "accuracy": (tp + tn) / n, "precision": tp / max(tp + fp, 1),
            "recall": tp / max(tp + fn, 1), "tp": tp, "fn": fn, "fp": fp, "tn": tn}
