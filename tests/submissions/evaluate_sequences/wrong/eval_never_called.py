# wrong: never switches to eval mode, normalisation and dropout behave as in training
# misconception: train_mode_inside
import torch
import torch.nn as nn


@torch.no_grad()
def evaluate(model, batches):
    criterion = nn.CrossEntropyLoss(reduction="sum")
    loss, tp, fn, fp, tn = 0.0, 0, 0, 0, 0
    for x, y in batches:
        logits, _ = model(x, None)
        loss += criterion(logits, y).item()
        _, pred = logits.max(dim=1)
        tp += ((pred == 1) & (y == 1)).sum().item()
        fn += ((pred == 0) & (y == 1)).sum().item()
        fp += ((pred == 1) & (y == 0)).sum().item()
        tn += ((pred == 0) & (y == 0)).sum().item()
    n = max(tp + fn + fp + tn, 1)
    return {"loss": loss / n, "accuracy": (tp + tn) / n, "precision": tp / max(tp + fp, 1),
            "recall": tp / max(tp + fn, 1), "tp": tp, "fn": fn, "fp": fp, "tn": tn}
