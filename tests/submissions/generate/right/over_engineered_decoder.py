# right: over-engineered, a Decoder class with dataclass results, a strategy enum and annotations
from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import torch
from torch import Tensor

logger = logging.getLogger(__name__)


class Strategy(Enum):
    GREEDY = "greedy"


@dataclass
class Trace:
    tokens: list[Tensor] = field(default_factory=list)
    logits: list[Tensor] = field(default_factory=list)

    def add(self, token: Tensor, logits: Tensor) -> None:
        self.tokens.append(token)
        self.logits.append(logits)

    def __len__(self) -> int:
        return len(self.tokens)

    def result(self) -> tuple[Tensor, Tensor]:
        return torch.stack(self.tokens), torch.stack(self.logits)


class Decoder:
    def __init__(self, model: Callable[[Tensor, Any], tuple[Tensor, Any]], strategy: Strategy = Strategy.GREEDY):
        self.model = model
        self.strategy = strategy

    def choose(self, logits: Tensor) -> Tensor:
        match self.strategy:
            case Strategy.GREEDY:
                return logits.argmax(dim=-1)
            case _:
                raise NotImplementedError(self.strategy)

    @torch.no_grad()
    def run(self, prompt: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        if steps < 1:
            raise ValueError("steps must be at least 1")
        trace, feed, state = Trace(), prompt, None
        while len(trace) < steps:
            logits, state = self.model(feed, state)
            token = self.choose(logits[-1])
            trace.add(token, logits[-1])
            feed = token.view(1, -1)
        logger.debug("generated %d tokens", len(trace))
        return trace.result()


def generate(model, prompt: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    return Decoder(model).run(prompt, steps)
