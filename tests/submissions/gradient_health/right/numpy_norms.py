# right: the arithmetic in numpy, double precision
import numpy as np
import torch  # noqa: F401


def _as_array(p):
    return p.grad.detach().cpu().double().numpy().ravel()


def gradient_norms(model):
    arrays = {name: _as_array(p) for name, p in model.named_parameters() if p.grad is not None}
    norms = {name: float(np.linalg.norm(a)) for name, a in arrays.items()}
    norms["total"] = float(np.sqrt(np.sum([np.dot(a, a) for a in arrays.values()])))
    return norms


def clip_gradients(model, max_norm):
    total = gradient_norms(model)["total"]
    if total <= max_norm:
        return total
    for p in model.parameters():
        if p.grad is not None:
            p.grad.copy_(p.grad * (max_norm / total))
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if not np.isfinite(total) or total > high:
        return "exploding"
    return ["healthy", "vanishing"][int(total < low)]
