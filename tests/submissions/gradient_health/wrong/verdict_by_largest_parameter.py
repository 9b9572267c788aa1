# wrong: the verdict goes by the largest parameter's norm instead of the total
# misconception: verdict_by_single_parameters
import math


def gradient_norms(model):
    norms = {n: p.grad.norm().item() for n, p in model.named_parameters() if p.grad is not None}
    norms["total"] = math.sqrt(sum(v**2 for v in norms.values()))
    return norms


def clip_gradients(model, max_norm):
    total = gradient_norms(model)["total"]
    if total > max_norm:
        for p in model.parameters():
            if p.grad is not None:
                p.grad.mul_(max_norm / total)
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    norms = gradient_norms(model)
    total = norms.pop("total")
    largest = max(norms.values(), default=0.0)
    if not math.isfinite(total) or largest > high:
        return "exploding"
    return "vanishing" if largest < low else "healthy"
