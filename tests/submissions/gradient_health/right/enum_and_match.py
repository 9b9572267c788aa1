# right: over-engineered, a dataclass for the report, an enum for the verdict and a match statement
from __future__ import annotations

import enum
import math
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn


class Health(enum.Enum):
    VANISHING = "vanishing"
    HEALTHY = "healthy"
    EXPLODING = "exploding"


@dataclass
class GradientReport:
    by_name: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, model: nn.Module) -> GradientReport:
        report = cls()
        for name, parameter in model.named_parameters():
            match parameter.grad:
                case None:
                    pass
                case Tensor() as gradient:
                    report.by_name[name] = torch.linalg.vector_norm(gradient, ord=2).item()
        return report

    @property
    def total(self) -> float:
        return math.sqrt(math.fsum(value**2 for value in self.by_name.values()))

    def verdict(self, low: float, high: float) -> Health:
        match self.total:
            case total if math.isnan(total) or total > high:
                return Health.EXPLODING
            case total if total < low:
                return Health.VANISHING
            case _:
                return Health.HEALTHY


def gradient_norms(model: nn.Module) -> dict[str, float]:
    report = GradientReport.of(model)
    return report.by_name | {"total": report.total}


@torch.no_grad()
def clip_gradients(model: nn.Module, max_norm: float) -> float:
    before = GradientReport.of(model).total
    if before > max_norm:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad.mul_(max_norm / before)
    return before


def diagnose_gradients(model: nn.Module, low: float = 1e-6, high: float = 1e2) -> str:
    return GradientReport.of(model).verdict(low, high).value
