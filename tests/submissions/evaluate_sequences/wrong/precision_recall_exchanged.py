# wrong: precision divides by tp + fn and recall by tp + fp
# misconception: precision_and_recall_swapped
import torch
import torch.nn.functional as F


@torch.no_grad()
def evaluate(model, batches):
    modes = {m: m.training for m in model.modules()}
    model.eval()
    loss_sum, tp, fn, fp, tn = 0.0, 0, 0, 0, 0
    try:
        for x, y in batches:
            logits, _ = model(x, None)
            loss_sum += F.cross_entropy(logits, y).item() * len(y)
            pred = logits.argmax(1)
            tp += (pred * y).sum().item()
            fn += ((1 - pred) * y).sum().item()
            fp += (pred * (1 - y)).sum().item()
            tn += ((1 - pred) * (1 - y)).sum().item()
    finally:
        for m, mode in modes.items():
            m.training = mode
    total = tp + fn + fp + tn
    precision = tp / (tp + fn) if tp + fn > 0 else 0.0
    recall = tp / (tp + fp) if tp + fp > 0 else 0.0
    return {"loss": loss_sum / max(total, 1), "accuracy": (tp + tn) / max(total, 1), "precision": precision,
            "recall": recall, "tp": tp, "fn": fn, "fp": fp, "tn": tn}
