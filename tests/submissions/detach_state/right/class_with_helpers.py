# right: over-engineered and type-annotated, a class with one method for each kind
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Callable, Union

import torch
from torch import Tensor

State = Union[None, Tensor, tuple, list, dict]


@dataclass(frozen=True)
class TreeMapper:
    """Applies `leaf` to each tensor of a structure and builds the structure again."""

    leaf: Callable[[Tensor], Tensor]

    def __call__(self, node: State) -> State:
        if node is None:
            return None
        if isinstance(node, Tensor):
            return self.leaf(node)
        if isinstance(node, dict):
            return self._mapping(node)
        if isinstance(node, (tuple, list)):
            return self._sequence(node)
        raise TypeError(f"expected a tensor, None or a container, got {type(node).__name__}")

    def _mapping(self, node: dict[Any, State]) -> dict[Any, State]:
        return type(node)((key, self(value)) for key, value in node.items())

    def _sequence(self, node: Iterable[State]) -> State:
        items = [self(item) for item in node]
        make = getattr(type(node), "_make", type(node))
        return make(items)


_DETACHER = TreeMapper(leaf=lambda tensor: tensor.detach().clone())


def detach_state(state: State) -> State:
    """Returns `state` cut from the graph; `state` itself is untouched."""
    return _DETACHER(state)
