# wrong: L1 norm, absolute values summed
# misconception: l1_norm
import math


def gradient_norms(model):
    norms = {}
    for name, p in model.named_parameters():
        if p.grad is not None:
            norms[name] = p.grad.abs().sum().item()
    norms["total"] = sum(norms.values(), 0.0)
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
    if math.isnan(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
