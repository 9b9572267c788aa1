# wrong: clips the values of the gradients (clip_grad_value_) instead of their norm
# misconception: numbers_clipped
import math
from torch.nn.utils import clip_grad_value_


def gradient_norms(model):
    norms = {n: p.grad.norm().item() for n, p in model.named_parameters() if p.grad is not None}
    norms["total"] = math.sqrt(sum(v**2 for v in norms.values()))
    return norms


def clip_gradients(model, max_norm):
    total = gradient_norms(model)["total"]
    if total > max_norm:
        clip_grad_value_(model.parameters(), max_norm)
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if not math.isfinite(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
