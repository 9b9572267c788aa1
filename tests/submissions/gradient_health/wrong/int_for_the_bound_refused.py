# wrong: a whole number as max_norm is refused
# misconception: none
import math


def norm(g):
    g = g.detach().double()
    if g.is_sparse:
        g = g.to_dense()
    return g.norm().item()


def gradient_norms(model):
    norms = {name: norm(p.grad) for name, p in model.named_parameters() if p.grad is not None}
    norms["total"] = math.sqrt(sum(n**2 for n in norms.values()))
    return norms


def clip_gradients(model, max_norm):
    if not isinstance(max_norm, float):
        raise TypeError(f"max_norm must be a float, got {type(max_norm).__name__}")
    total = gradient_norms(model)["total"]
    if total > max_norm:
        for p in model.parameters():
            if p.grad is not None:
                p.grad = p.grad.detach() * (max_norm / total)
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if not math.isfinite(total) or total > high:
        return "exploding"
    if total < low:
        return "vanishing"
    return "healthy"
