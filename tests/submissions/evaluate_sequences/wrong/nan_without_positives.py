# wrong: tensor arithmetic, 0 / 0 gives nan instead of 0.0
# misconception: division_by_zero
import torch
from torch import nn


def evaluate(model, batches):
    modes = [(m, m.training) for m in model.modules()]
    counts, loss = torch.zeros(4), 0.0
    try:
        model.eval()
        with torch.no_grad():
            for x, y in batches:
                logits, _ = model(x, None)
                loss += nn.CrossEntropyLoss(reduction="sum")(logits, y).item()
                counts += torch.bincount(2 * y + logits.argmax(1), minlength=4)
    finally:
        for m, mode in modes:
            m.training = mode
    tn, fp, fn, tp = counts
    return {
        "loss": loss / counts.sum().item(),
        "accuracy": ((tp + tn) / counts.sum()).item(),
        "precision": (tp / (tp + fp)).item(),
        "recall": (tp / (tp + fn)).item(),
        "tp": int(tp), "fn": int(fn), "fp": int(fp), "tn": int(tn),
    }
