# wrong: module. is taken out of the names, also where a part of the model is called so
# misconception: none
import math


def norm(g):
    g = g.detach().double()
    if g.is_sparse:
        g = g.to_dense()
    return g.norm().item()


def gradient_norms(model):
    norms = {}
    squares = 0.0
    for name, p in model.named_parameters():
        if p.grad is not None:
            n = norm(p.grad)
            squares += n * n
            norms[name.replace("module.", "")] = n
    norms["total"] = math.sqrt(squares)
    return norms


def clip_gradients(model, max_norm):
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
