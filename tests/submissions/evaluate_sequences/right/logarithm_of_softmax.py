# right: the logarithm of a softmax, which in double precision is far from infinite here
import torch
import torch.nn.functional as F


def evaluate(model, batches):
    flags = [(part, part.training) for part in model.modules()]
    total, table = 0.0, [[0, 0], [0, 0]]  # table[label][answer]
    model.eval()
    try:
        with torch.no_grad():
            for x, y in batches:
                logits = model(x, None)[0]
                total += -logits.softmax(dim=1).log()[torch.arange(len(y)), y].sum().item()
                for label, answer in zip(y.tolist(), logits.argmax(dim=1).tolist()):
                    table[label][answer] += 1
    finally:
        for part, flag in flags:
            part.training = flag
    (tn, fp), (fn, tp) = table
    n = tn + fp + fn + tp
    return {
        "loss": total / n,
        "accuracy": (tp + tn) / n,
        "precision": tp / (tp + fp) if tp + fp else 0.0,
        "recall": tp / (tp + fn) if tp + fn else 0.0,
        "tp": tp, "fn": fn, "fp": fp, "tn": tn,
    }
