# wrong: only the accuracy runs over all batches, loss and counts are those of the last one
# misconception: only_accuracy_right
import torch
import torch.nn.functional as F


@torch.no_grad()
def evaluate(model, batches):
    modes = {m: m.training for m in model.modules()}
    correct = total = 0
    loss, tp, fn, fp, tn = 0.0, 0, 0, 0, 0
    model.eval()
    try:
        for x, y in batches:
            logits, _ = model(x, None)
            pred = logits.argmax(dim=1)
            correct += (pred == y).sum().item()
            total += len(y)
            loss = F.cross_entropy(logits, y).item()
            tp = ((pred == 1) & (y == 1)).sum().item()
            fn = ((pred == 0) & (y == 1)).sum().item()
            fp = ((pred == 1) & (y == 0)).sum().item()
            tn = ((pred == 0) & (y == 0)).sum().item()
    finally:
        for m, mode in modes.items():
            m.training = mode
    return {"loss": loss, "accuracy": correct / max(total, 1), "precision": tp / max(tp + fp, 1),
            "recall": tp / max(tp + fn, 1), "tp": tp, "fn": fn, "fp": fp, "tn": tn}
