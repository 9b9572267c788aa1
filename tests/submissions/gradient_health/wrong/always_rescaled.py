# wrong: always scaled to max_norm, small gradients are blown up
# misconception: scaled_up_when_small
import math


def gradient_norms(model):
    norms = {n: p.grad.norm().item() for n, p in model.named_parameters() if p.grad is not None}
    norms["total"] = math.sqrt(sum(v**2 for v in norms.values()))
    return norms


def clip_gradients(model, max_norm):
    total = gradient_norms(model)["total"]
    clip_coef = max_norm / (total + 1e-6)
    for p in model.parameters():
        if p.grad is not None:
            p.grad.mul_(clip_coef)
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if not math.isfinite(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
