"""detach_state: the same state, cut from the graph that made it."""

from collections.abc import Hashable
from typing import TypeAlias

from torch import Tensor

State: TypeAlias = "Tensor | tuple[State, ...] | list[State] | dict[Hashable, State] | None"


def detach_state(state: State) -> State:
    """Return the same structure with the same values, cut from the graph.

    `state` is a tensor, `None`, or any nesting of tuples (named ones too), lists and
    dicts of these. The containers of the result are new and of the same types; its
    tensors share their storage with those of `state`, which is left as it was.
    """
    if state is None:
        return None
    if isinstance(state, Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((key, detach_state(part)) for key, part in state.items())

    parts = [detach_state(part) for part in state]
    if hasattr(state, "_make"):  # a named tuple: its constructor wants one argument a field
        return state._make(parts)
    return type(state)(parts)
