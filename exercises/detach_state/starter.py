"""detach_state: the same state, cut from the graph that made it."""

from collections.abc import Hashable
from typing import TypeAlias

from torch import Tensor

State: TypeAlias = "Tensor | tuple[State, ...] | list[State] | dict[Hashable, State] | None"


def detach_state(state: State) -> State:
    """Return the same structure with the same values, cut from the graph.

    Args:
        state: a tensor of any shape and dtype, such as the (L * D, B, H) of a GRU;
            `None`; or any nesting of tuples (named ones too), lists and dicts
            (`OrderedDict` too) of these, such as the pair `(h, c)` of an LSTM. A
            container may be empty; keys may be of any kind, not only strings.
            It is left as it was, and so is the graph that its tensors hang on.

    Returns:
        The same structure: `None` for `None`; for a tensor one with the same values,
        shape, dtype and device, without `grad_fn` and with `requires_grad` False; for a
        container a new one of the same type, with its keys in the same order. Tensors
        may share their storage with those of `state`.

    Raises:
        Nothing of its own: no wrong argument has to be caught here.
    """
    raise NotImplementedError
