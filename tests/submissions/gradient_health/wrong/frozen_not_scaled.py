# wrong: clipping scales the gradients of parameters that require one only
# misconception: none
import math

import torch


def gradient_norms(model):
    result, total = {}, 0.0
    for name, p in model.named_parameters():
        if p.grad is None:
            continue
        norm = p.grad.detach().double().norm(2).item()
        result[name] = norm
        total += norm**2
    result["total"] = math.sqrt(total)
    return result


def clip_gradients(model, max_norm):
    total = gradient_norms(model)["total"]
    if total > max_norm:
        factor = max_norm / total
        trainable = [p for p in model.parameters() if p.requires_grad]
        with torch.no_grad():
            for p in trainable:
                if p.grad is not None:
                    p.grad *= factor
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if total < low:
        return "vanishing"
    if total > high or math.isnan(total) or math.isinf(total):
        return "exploding"
    return "healthy"
