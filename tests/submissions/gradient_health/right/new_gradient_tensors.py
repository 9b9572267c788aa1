# right: clipping puts new tensors into .grad instead of scaling in place; functools and filter
import functools
import math
from typing import Dict

import torch


def gradient_norms(model) -> Dict[str, float]:
    with_grad = filter(lambda pair: pair[1].grad is not None, model.named_parameters())
    norms = {name: float(torch.sqrt(torch.sum(torch.square(p.grad)))) for name, p in with_grad}
    squares = functools.reduce(lambda acc, v: acc + v**2, norms.values(), 0.0)
    norms.update(total=math.sqrt(squares))
    return norms


def clip_gradients(model, max_norm) -> float:
    norm = gradient_norms(model)["total"]
    factor = 1.0 if norm <= max_norm else max_norm / norm
    for p in model.parameters():
        if p.grad is not None and factor != 1.0:
            p.grad = p.grad.detach() * factor
    return norm


def diagnose_gradients(model, low=1e-6, high=1e2) -> str:
    norm = gradient_norms(model)["total"]
    verdict = "healthy"
    if norm < low:
        verdict = "vanishing"
    if not norm <= high:  # also true for nan
        verdict = "exploding"
    return verdict
