# wrong: a parameter without a gradient is listed with norm 0.0 instead of left out
# misconception: missing_gradient_listed
import math


def gradient_norms(model):
    norms = {}
    for name, p in model.named_parameters():
        norms[name] = 0.0 if p.grad is None else p.grad.norm().item()
    norms["total"] = math.sqrt(sum(v**2 for v in norms.values()))
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
