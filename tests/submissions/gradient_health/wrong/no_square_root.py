# wrong: the total is the sum of squares, the root is forgotten
# misconception: square_root_forgotten
import math


def gradient_norms(model):
    norms = {n: p.grad.norm().item() for n, p in model.named_parameters() if p.grad is not None}
    norms["total"] = sum((v**2 for v in norms.values()), 0.0)
    return norms


def clip_gradients(model, max_norm):
    total = gradient_norms(model)["total"]
    if total > max_norm:
        for p in model.parameters():
            if p.grad is not None:
                p.grad.mul_(max_norm / total)
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if not math.isfinite(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
