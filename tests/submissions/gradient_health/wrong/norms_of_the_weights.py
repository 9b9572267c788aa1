# wrong: norms of the parameters instead of their gradients
# misconception: norms_of_weights
import math
import torch


def gradient_norms(model):
    norms = {}
    for name, p in model.named_parameters():
        if p.grad is not None:
            norms[name] = p.data.norm(2).item()
    norms["total"] = math.sqrt(sum(v * v for v in norms.values()))
    return norms


def clip_gradients(model, max_norm):
    return torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm).item()


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if not math.isfinite(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
