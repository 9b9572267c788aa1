# right: library calls throughout (named_parameters, get_total_norm, clip_grad_norm_)
import math

import torch
from torch import nn


def gradient_norms(model: nn.Module) -> dict[str, float]:
    grads = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    norms = {name: torch.linalg.vector_norm(g).item() for name, g in grads.items()}
    norms["total"] = float(nn.utils.get_total_norm(grads.values()))
    return norms


def clip_gradients(model: nn.Module, max_norm: float) -> float:
    return float(nn.utils.clip_grad_norm_(model.parameters(), max_norm))


def diagnose_gradients(model: nn.Module, low: float = 1e-6, high: float = 1e2) -> str:
    total = gradient_norms(model)["total"]
    if not math.isfinite(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
