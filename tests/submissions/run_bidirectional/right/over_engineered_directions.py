# right: over-engineered, enum of directions, dataclass, deque, annotated
from __future__ import annotations

import enum
from collections import deque
from dataclasses import dataclass
from typing import Any, Iterator

import torch
from torch import Tensor, nn


class Direction(enum.IntEnum):
    FORWARD = 0
    BACKWARD = 1

    def steps(self, length: int) -> Iterator[int]:
        return iter(range(length)) if self is Direction.FORWARD else iter(range(length - 1, -1, -1))


@dataclass(frozen=True)
class Pass:
    direction: Direction
    cell: nn.RNNCellBase

    def start(self, state: Any) -> Any:
        if isinstance(state, (tuple, list)):
            return tuple(part[self.direction] for part in state)
        return None if state is None else state[self.direction]

    def run(self, inputs: Tensor, state: Any) -> tuple[Tensor, tuple[Tensor, ...]]:
        current = self.start(state)
        outputs: deque[Tensor] = deque()
        add = outputs.append if self.direction is Direction.FORWARD else outputs.appendleft
        for t in self.direction.steps(inputs.size(0)):
            current = self.cell(inputs[t], current)
            add(current[0] if isinstance(current, tuple) else current)
        return torch.stack(tuple(outputs)), current if isinstance(current, tuple) else (current,)


def run_bidirectional(
    forward_cell: nn.RNNCellBase, backward_cell: nn.RNNCellBase, inputs: Tensor, state: Any = None
) -> tuple[Tensor, Any]:
    passes = [Pass(Direction.FORWARD, forward_cell), Pass(Direction.BACKWARD, backward_cell)]
    (out_f, end_f), (out_b, end_b) = (p.run(inputs, state) for p in passes)
    final = tuple(torch.stack(both) for both in zip(end_f, end_b))
    return torch.cat((out_f, out_b), dim=-1), final if isinstance(forward_cell, nn.LSTMCell) else final[0]
