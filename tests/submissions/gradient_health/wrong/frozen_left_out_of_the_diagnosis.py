# wrong: what was frozen after a backward is left out of the diagnosis
# misconception: none
import math

import torch


def _norm(gradient):
    return gradient.detach().to(torch.float64).norm().item()


def gradient_norms(model):
    norms = {}
    for name, p in model.named_parameters():
        if p.grad is not None:
            norms[name] = _norm(p.grad)
    norms["total"] = math.hypot(*norms.values())
    if any(math.isnan(v) for v in norms.values()):
        norms["total"] = math.nan
    return norms


def clip_gradients(model, max_norm):
    total = gradient_norms(model)["total"]
    if total > max_norm:
        factor = max_norm / total
        for p in model.parameters():
            if p.grad is not None:
                p.grad = p.grad.detach() * factor
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    found = [p for p in model.parameters() if p.requires_grad and p.grad is not None]
    total = torch.stack([p.grad.detach().double().norm().cpu() for p in found]).norm().item() if found else 0.0
    if not math.isfinite(total) or total > high:
        return "exploding"
    if total < low:
        return "vanishing"
    return "healthy"
