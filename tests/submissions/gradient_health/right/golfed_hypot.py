# right: golfed, math.hypot and chained comparisons
from math import hypot


def gradient_norms(model):
    n = {k: p.grad.norm().item() for k, p in model.named_parameters() if p.grad is not None}
    return {**n, "total": hypot(*n.values())}


def clip_gradients(model, max_norm):
    t = gradient_norms(model)["total"]
    [p.grad.mul_(max_norm / t) for p in model.parameters() if t > max_norm and p.grad is not None]
    return t


def diagnose_gradients(model, low=1e-6, high=1e2):
    t = gradient_norms(model)["total"]
    return "vanishing" if t < low else "healthy" if t <= high else "exploding"
