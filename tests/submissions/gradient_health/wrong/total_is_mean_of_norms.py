# wrong: the total is the mean of the norms
# misconception: mean_of_norms
import numpy as np


def gradient_norms(model):
    norms = {n: float(p.grad.norm()) for n, p in model.named_parameters() if p.grad is not None}
    norms["total"] = float(np.mean(list(norms.values()))) if norms else 0.0
    return norms


def clip_gradients(model, max_norm):
    total = gradient_norms(model)["total"]
    if total > max_norm:
        for p in model.parameters():
            if p.grad is not None:
                p.grad *= max_norm / total
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if not np.isfinite(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
