# wrong: only requires_grad is checked, an unused trainable parameter still crashes it
# misconception: missing_gradient_crashes
import math
import torch


def trainable(model):
    return [(n, p) for n, p in model.named_parameters() if p.requires_grad]


def gradient_norms(model):
    norms = {}
    for name, p in trainable(model):
        norms[name] = torch.linalg.vector_norm(p.grad).item()
    norms["total"] = math.sqrt(sum(v**2 for v in norms.values()))
    return norms


def clip_gradients(model, max_norm):
    total = gradient_norms(model)["total"]
    scale = min(1.0, max_norm / (total + 1e-6))
    for _, p in trainable(model):
        p.grad *= scale
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if math.isnan(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
