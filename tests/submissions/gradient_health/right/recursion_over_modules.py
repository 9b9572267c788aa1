# right: walks the modules by recursion, remembering the parameters it has seen (tied ones count once)
import math


def _walk(module, prefix="", seen=None):
    seen = set() if seen is None else seen
    for name, p in module._parameters.items():
        if p is not None and id(p) not in seen:
            seen.add(id(p))
            yield prefix + name, p
    for name, child in module._modules.items():
        if child is not None:
            yield from _walk(child, prefix + name + ".", seen)


def gradient_norms(model):
    norms = {}
    for name, p in _walk(model):
        if p.grad is not None:
            norms[name] = p.grad.norm(p=2).item()
    norms["total"] = sum(v * v for v in norms.values()) ** 0.5
    return norms


def clip_gradients(model, max_norm):
    total = gradient_norms(model)["total"]
    coefficient = max_norm / (total + 1e-6)
    if coefficient < 1:
        for _, p in _walk(model):
            if p.grad is not None:
                p.grad.data.mul_(coefficient)
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if math.isnan(total) or math.isinf(total) or total > high:
        return "exploding"
    if total < low:
        return "vanishing"
    return "healthy"
