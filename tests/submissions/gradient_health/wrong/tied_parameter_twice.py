# wrong: walks module by module, a tied parameter is counted (and scaled) twice
# misconception: none
import math


def all_parameters(model):
    for prefix, module in model.named_modules():
        for name, p in module.named_parameters(prefix=prefix, recurse=False):
            if p.grad is not None:
                yield name, p


def gradient_norms(model):
    norms = {name: p.grad.norm().item() for name, p in all_parameters(model)}
    norms["total"] = math.sqrt(sum(v**2 for v in norms.values()))
    return norms


def clip_gradients(model, max_norm):
    total = gradient_norms(model)["total"]
    if total > max_norm:
        for _, p in all_parameters(model):
            p.grad.mul_(max_norm / total)
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if not math.isfinite(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
