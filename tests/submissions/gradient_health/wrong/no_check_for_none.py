# wrong: crashes on a parameter without a gradient
# misconception: missing_gradient_crashes
import math


def gradient_norms(model):
    norms = {name: p.grad.norm().item() for name, p in model.named_parameters()}
    norms["total"] = math.sqrt(sum(v**2 for v in norms.values()))
    return norms


def clip_gradients(model, max_norm):
    total = gradient_norms(model)["total"]
    if total > max_norm:
        for p in model.parameters():
            p.grad.mul_(max_norm / total)
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if not math.isfinite(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
