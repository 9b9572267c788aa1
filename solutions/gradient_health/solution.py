"""Reference for gradient_health: all three look at the gradients as one long vector."""

import math

import torch
from torch import Tensor, nn


def gradients_by_name(model: nn.Module) -> dict[str, Tensor]:
    """Return the gradients that there are; a shared parameter is named once."""
    # .grad is None where backward has not come by: in frozen and in unused parameters.
    return {name: parameter.grad for name, parameter in model.named_parameters() if parameter.grad is not None}


def gradient_norms(model: nn.Module) -> dict[str, float]:
    """Return the L2 norm of each parameter's gradient by name, and of all together as `"total"`."""
    norms = {name: torch.linalg.vector_norm(gradient).item() for name, gradient in gradients_by_name(model).items()}
    # The squares of all numbers add up, so the squares of the norms do. No norm at all adds up to 0.0.
    return {**norms, "total": math.hypot(*norms.values())}


def clip_gradients(model: nn.Module, max_norm: float) -> float:
    """Scale all gradients by one factor so that their total norm is at most `max_norm`; return the norm before."""
    total = gradient_norms(model)["total"]
    if total > max_norm:
        factor = max_norm / total  # one for all: the direction of the step stays
        for gradient in gradients_by_name(model).values():
            gradient.mul_(factor)
    return total


def diagnose_gradients(model: nn.Module, low: float = 1e-6, high: float = 1e2) -> str:
    """Return `"vanishing"`, `"healthy"` or `"exploding"` by the total norm; NaN and infinity are exploding."""
    total = gradient_norms(model)["total"]
    # Asked first, because NaN is neither below nor above anything.
    if not math.isfinite(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
