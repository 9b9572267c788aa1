# wrong: the norm of a matrix for parameters with three axes: a RuntimeError
# misconception: none
import math

import torch


def norm(g):
    g = g.detach().double()
    if g.is_sparse:
        g = g.to_dense()
    if g.dim() >= 2:
        return torch.linalg.matrix_norm(g).item()
    return torch.linalg.vector_norm(g).item()


def gradient_norms(model):
    norms = {name: norm(p.grad) for name, p in model.named_parameters() if p.grad is not None}
    norms["total"] = math.sqrt(sum(n**2 for n in norms.values()))
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
