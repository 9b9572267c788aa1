# wrong: the bounds themselves are called vanishing and exploding
# misconception: bounds_not_healthy
import math
import torch


def gradient_norms(model):
    norms = {n: p.grad.norm().item() for n, p in model.named_parameters() if p.grad is not None}
    norms["total"] = math.sqrt(sum(v**2 for v in norms.values()))
    return norms


def clip_gradients(model, max_norm):
    return torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm).item()


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if math.isnan(total) or total >= high:
        return "exploding"
    if total <= low:
        return "vanishing"
    return "healthy"
