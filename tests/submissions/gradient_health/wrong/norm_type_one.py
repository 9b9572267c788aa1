# wrong: the library is asked for norm_type=1
# misconception: l1_norm
import math
import torch
from torch.nn.utils import clip_grad_norm_, get_total_norm


def gradient_norms(model):
    grads = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    norms = {n: torch.norm(g, p=1).item() for n, g in grads.items()}
    norms["total"] = get_total_norm(list(grads.values()), norm_type=1).item()
    return norms


def clip_gradients(model, max_norm):
    return clip_grad_norm_(model.parameters(), max_norm, norm_type=1).item()


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if not math.isfinite(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
