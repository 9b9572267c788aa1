# wrong: the total is the sum of the parameters' norms
# misconception: sum_of_norms
import math
import torch


def gradient_norms(model):
    norms = {}
    total = 0.0
    for name, p in model.named_parameters():
        if p.grad is not None:
            norms[name] = p.grad.norm(2).item()
            total += norms[name]
    norms["total"] = total
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
