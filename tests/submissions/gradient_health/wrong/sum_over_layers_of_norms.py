# wrong: norm of a layer from its parameters, but the layers' norms are then added up
# misconception: sum_of_norms
import math
from collections import defaultdict


def gradient_norms(model):
    norms = {n: p.grad.norm().item() for n, p in model.named_parameters() if p.grad is not None}
    layers = defaultdict(float)
    for name, value in norms.items():
        layers[name.rpartition(".")[0]] += value**2
    norms["total"] = sum((math.sqrt(v) for v in layers.values()), 0.0)
    return norms


def clip_gradients(model, max_norm):
    total = gradient_norms(model)["total"]
    factor = min(1.0, max_norm / (total + 1e-6))
    for p in model.parameters():
        if p.grad is not None:
            p.grad.data *= factor
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if math.isnan(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
