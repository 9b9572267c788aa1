# wrong: the default of high is 1000
# misconception: other_default_bounds
import math


def gradients(model):
    return {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


def gradient_norms(model):
    norms = {name: g.norm().item() for name, g in gradients(model).items()}
    norms["total"] = math.sqrt(sum(n * n for n in norms.values()))
    return norms


def clip_gradients(model, max_norm):
    total = math.hypot(*[p.grad.norm().item() for p in model.parameters() if p.grad is not None])
    if total > max_norm:
        for p in model.parameters():
            if p.grad is not None:
                p.grad *= max_norm / total
    return total


def diagnose_gradients(model, low=1e-6, high=1000):
    total = math.hypot(*[p.grad.norm().item() for p in model.parameters() if p.grad is not None])
    if not math.isfinite(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
