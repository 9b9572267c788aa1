# wrong: scales a new tensor bound to a local name, the gradients stay as they were
# misconception: gradients_not_clipped
import math


def gradient_norms(model):
    norms = {n: p.grad.norm().item() for n, p in model.named_parameters() if p.grad is not None}
    norms["total"] = math.sqrt(sum(v**2 for v in norms.values()))
    return norms


def clip_gradients(model, max_norm):
    total = gradient_norms(model)["total"]
    if total > max_norm:
        scale = max_norm / total
        for p in model.parameters():
            if p.grad is not None:
                grad = p.grad
                grad = grad * scale
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if math.isnan(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
