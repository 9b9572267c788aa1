# wrong: model.eval() and never back
# misconception: left_in_eval_mode
import torch
import torch.nn as nn


@torch.no_grad()
def evaluate(model, batches):
    model.eval()
    criterion = nn.CrossEntropyLoss(reduction="sum")
    loss, tp, fn, fp, tn = 0.0, 0, 0, 0, 0
    for x, y in batches:
        logits, _ = model(x, None)
        loss += criterion(logits, y).item()
        pred = logits.argmax(dim=1)
        tp += ((pred == 1) & (y == 1)).sum().item()
        fn += ((pred == 0) & (y == 1)).sum().item()
        fp += ((pred == 1) & (y == 0)).sum().item()
        tn += ((pred == 0) & (y == 0)).sum().item()
    n = max(tp + fn + fp + tn, 1)
    return {"loss": loss / n, "accuracy": (tp + tn) / n, "precision": tp / max(tp + fp, 1),
            "recall": tp / max(tp + fn, 1), "tp": tp, "fn": fn, "fp": fp, "tn": tn}
