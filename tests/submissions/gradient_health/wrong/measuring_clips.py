# wrong: the total is measured by calling clip_grad_norm_(..., 1.0), which scales the gradients
# misconception: measuring_changes_gradients
import math
import torch


def gradient_norms(model):
    norms = {n: p.grad.norm().item() for n, p in model.named_parameters() if p.grad is not None}
    norms["total"] = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item()
    return norms


def clip_gradients(model, max_norm):
    return torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm).item()


def diagnose_gradients(model, low=1e-6, high=1e2):
    norms = [p.grad.norm().item() for p in model.parameters() if p.grad is not None]
    total = math.hypot(*norms)
    if not math.isfinite(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
