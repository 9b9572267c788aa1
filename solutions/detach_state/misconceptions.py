"""What students get wrong in detach_state, each as a small wrong solution."""

import torch
from torch import Tensor


def same_container(container, parts):
    """A new tuple, named tuple or list of the same type as `container`."""
    if hasattr(container, "_make"):
        return container._make(parts)
    return type(container)(parts)


def rebuild(state, cut):
    """The same structure, with every tensor replaced by what `cut` makes of it."""
    if state is None:
        return None
    if isinstance(state, Tensor):
        return cut(state)
    if isinstance(state, dict):
        return type(state)((key, rebuild(part, cut)) for key, part in state.items())
    return same_container(state, [rebuild(part, cut) for part in state])


def is_pair(state):
    """Whether it looks like an LSTM's (h, c)."""
    if not isinstance(state, (tuple, list)) or len(state) != 2:
        return False
    return all(isinstance(part, Tensor) for part in state)


def over_parts(state, change):
    """Right for a tensor and for None; a container is built anew of its changed parts."""
    if isinstance(state, Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((key, change(part)) for key, part in state.items())
    if isinstance(state, (tuple, list)):
        return same_container(state, [change(part) for part in state])
    return state


class NothingDone:
    """The state is returned as it came.

    You return your argument, or a new container with the same tensors. The state still hangs on
    the graph of the steps that made it, so the next window is joined to all earlier ones: memory
    grows, and the second `backward` fails.
    """

    hint = "Print grad_fn of what you return: it should be None."

    def detach_state(state):
        return state


# The outermost container is a new one.
class ShallowCopy(NothingDone):
    def detach_state(state):
        return state if isinstance(state, Tensor) else over_parts(state, lambda part: part)


class ResultNotUsed:
    """detach() is called, but its result is not used.

    You call `detach()` on each tensor and go on with the old one. `detach()` does not change the
    tensor it is called on; it returns another one that is cut from the graph, and that one is
    thrown away here.
    """

    hint = "Which tensor is cut after h.detach(): h itself, or what the call returns?"

    def detach_state(state):
        def cut(tensor):
            tensor.detach()
            return tensor

        return rebuild(state, cut)


# In a loop: the name is bound to the new tensor, and the list or dict goes on with the old one.
class LoopVariableRebound(ResultNotUsed):
    def detach_state(state):
        if isinstance(state, (list, dict)):
            return over_parts(state, lambda part: part)
        return over_parts(state, LoopVariableRebound.detach_state)


class CloneWithoutDetach:
    """The tensors are cloned, but not detached.

    You copy each tensor with `clone`. A copy has memory of its own, but `clone` is an operation
    like any other and is written into the graph: gradients go through it to the original, and the
    whole past stays alive.
    """

    hint = "Memory and graph are two things; look at grad_fn of a clone."

    def detach_state(state):
        return rebuild(state, torch.clone)


# Copied into an empty tensor, which is an operation like any other, too.
class CopyWithHistory(CloneWithoutDetach):
    def detach_state(state):
        return rebuild(state, lambda tensor: torch.empty_like(tensor).copy_(tensor))


class OnlyH:
    """Only h is cut; c stays in the graph.

    You detach the hidden state of an LSTM and pass the cell state on as it is. Both are carried
    from window to window, so the whole past still hangs on c.
    """

    hint = "An LSTM carries two tensors; check grad_fn of each."

    def detach_state(state):
        if is_pair(state):
            h, c = state
            return same_container(state, [h.detach(), c])
        return over_parts(state, OnlyH.detach_state)


# Of a named tuple, too, only the first field is cut, however many there are.
class OnlyFirstField(OnlyH):
    def detach_state(state):
        if hasattr(state, "_fields"):
            first, *others = state
            return state._make([OnlyFirstField.detach_state(first), *others])
        if is_pair(state):
            h, c = state
            return type(state)([h.detach(), c])
        return over_parts(state, OnlyFirstField.detach_state)


class FirstLevelOnly:
    """Only the first level of the structure is cut.

    You detach the tensors that stand directly in the container and leave what stands deeper as it
    is. A state with one pair a layer is a tuple of tuples: all of its tensors are on the second
    level and stay in the graph.
    """

    hint = "What should happen to a part that is itself a tuple? The same as to the whole."

    def detach_state(state):
        def cut(part):
            return part.detach() if isinstance(part, Tensor) else part

        return over_parts(state, cut)


# Only in dicts: what stands deeper in a value of one stays as it is.
class FirstLevelOfDict(FirstLevelOnly):
    def detach_state(state):
        def cut(part):
            return part.detach() if isinstance(part, Tensor) else part

        return over_parts(state, cut if isinstance(state, dict) else FirstLevelOfDict.detach_state)


class TupleMadeList:
    """A tuple comes back as a list.

    You collect the parts in a list and return the list. The values are right, but the structure is
    another one: code that reads a named field, or asks whether the state is a tuple, worked on the
    first window and goes wrong on the second.
    """

    hint = "A comprehension in square brackets makes a list, whatever it runs over."

    def detach_state(state):
        if isinstance(state, (tuple, list)):
            return [TupleMadeList.detach_state(part) for part in state]
        return over_parts(state, TupleMadeList.detach_state)


# Only a tuple within another container.
class InnerTupleMadeList(TupleMadeList):
    def detach_state(state):
        return over_parts(state, TupleMadeList.detach_state)


class NamedTupleMadePlain:
    """A named tuple comes back as a plain tuple.

    You rebuild everything that is a tuple with `tuple(...)`. A named tuple is one too, and loses
    its names on the way: `state.h` worked before the call and fails after it.
    """

    hint = "Ask the state for its own type instead of writing tuple; a named tuple has _fields."

    def detach_state(state):
        if isinstance(state, tuple):
            return tuple(NamedTupleMadePlain.detach_state(part) for part in state)
        return over_parts(state, NamedTupleMadePlain.detach_state)


class DetachInPlace:
    """The caller's own tensors are detached in place.

    You call `detach_()` or `requires_grad_(False)`, with the underscore, which changes the tensor that the
    caller still holds. A loss that is computed from it afterwards no longer reaches what is to be learned, be
    it the weights or an initial state, and the gradients are lost without a word.
    """

    hint = "A trailing underscore means in place in torch; whose tensor is changed here?"

    def detach_state(state):
        return rebuild(state, Tensor.detach_)


# Only of leaves: their requires_grad is switched off, and a state that is learned stops learning.
class LeavesSwitchedOff(DetachInPlace):
    def detach_state(state):
        return rebuild(state, lambda part: part.requires_grad_(False) if part.is_leaf else part.detach())


class ZerosForValues:
    """The state is replaced by zeros.

    You return zeros of the right shape. They are cut from the graph, but the network has also
    forgotten everything it read: cutting the graph stops the gradient and keeps the memory.
    """

    hint = "Detaching is not forgetting; compare the values before and after."

    def detach_state(state):
        return rebuild(state, torch.zeros_like)


# The zeros are written as a list of Python floats, so that dtype and device are lost as well.
class ZerosFromFloats(ZerosForValues):
    def detach_state(state):
        return rebuild(state, lambda part: torch.tensor([0.0] * part.numel()).reshape(part.shape))


class ExactTypeTest:
    """A test for the exact type misses subclasses.

    You ask whether `type(x)` is exactly `Tensor`, or `tuple` or `dict`, and return everything else
    as it is. A parameter is a tensor of a subclass, a named tuple a tuple, an `OrderedDict` a dict
    of one; each goes through your test uncut and still requires a gradient.
    """

    hint = (
        "What is type(nn.Parameter(torch.zeros(1))), or that of a named tuple, and how does one ask for subclasses too?"
    )

    def detach_state(state):
        if type(state) is Tensor:
            return state.detach()
        return state if isinstance(state, Tensor) else over_parts(state, ExactTypeTest.detach_state)


# The test is for the exact type of containers: named tuples and OrderedDicts are handed on.
class ExactTypeOfContainers(ExactTypeTest):
    def detach_state(state):
        if isinstance(state, Tensor) or type(state) in (tuple, list, dict):
            return over_parts(state, ExactTypeOfContainers.detach_state)
        return state


class LeavesLeft:
    """Only what has a grad_fn is cut; a leaf still requires its gradient.

    You detach a tensor if it has a `grad_fn`, or is no leaf, and return any other as it is. An initial
    state that is learned is a leaf: nothing made it, so it has no `grad_fn`, and yet it requires a
    gradient. It comes back the same, and each window's loss goes on reaching it.
    """

    hint = "What are grad_fn and requires_grad of an nn.Parameter, and what should they be in the result?"

    def detach_state(state):
        return rebuild(state, lambda tensor: tensor if tensor.is_leaf else tensor.detach())


class DictsLeft:
    """Dicts are left as they are.

    You take tuples and lists apart, and return a dict as you do `None`. Nothing complains, and the
    tensors in it stay in the graph: a state that is a dict of layers drags all windows along.
    """

    hint = "Which kinds of containers may a state be made of, and which branch of yours takes each?"

    def detach_state(state):
        return state if isinstance(state, dict) else over_parts(state, DictsLeft.detach_state)


class RequiresGradAgain:
    """requires_grad is switched on again after the cut.

    You detach and then call `requires_grad_()`. The past is cut off, but the state now asks for a
    gradient of its own that nobody uses, and everything computed from it is recorded, even where
    no weight is trained.
    """

    hint = "The weights ask for gradients of their own accord; does a carried state need one?"

    def detach_state(state):
        return rebuild(state, lambda tensor: tensor.detach().requires_grad_())


# Integers can't ask for one.
class RequiresGradForFloats(RequiresGradAgain):
    def detach_state(state):
        return rebuild(state, lambda tensor: tensor.detach().requires_grad_(tensor.is_floating_point()))


class RequiresGradAsBefore(RequiresGradAgain):
    def detach_state(state):
        return rebuild(state, lambda tensor: tensor.detach().requires_grad_(tensor.requires_grad))


class NoneNotHandled:
    """None is not handled.

    You take everything that comes for a tensor or a container. Before the first window there is no
    state yet, and `None` stands in its place or within it; your function then asks it for `detach`,
    or for its parts, and fails.
    """

    hint = "What is the state before the first window?"

    def detach_state(state):
        if isinstance(state, (dict, tuple, list)):
            return over_parts(state, NoneNotHandled.detach_state)
        return state.detach()


# Only within a container: what is neither tensor nor dict there is taken for a tuple or a list.
class NoneWithinContainers(NoneNotHandled):
    def detach_state(state):
        def cut(part):
            if isinstance(part, (Tensor, dict)):
                return over_parts(part, cut)
            return same_container(part, [cut(item) for item in part])

        return None if state is None else cut(state)
