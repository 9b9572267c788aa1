# wrong: clip_grad_norm_ is called parameter by parameter
# misconception: clipped_one_by_one
import math
from torch import nn


def gradient_norms(model):
    norms = {n: p.grad.norm().item() for n, p in model.named_parameters() if p.grad is not None}
    norms["total"] = math.hypot(*norms.values())
    return norms


def clip_gradients(model, max_norm):
    norms = [nn.utils.clip_grad_norm_(p, max_norm).item() for p in model.parameters() if p.grad is not None]
    return math.hypot(*norms)


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if math.isnan(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
