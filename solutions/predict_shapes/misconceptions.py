"""What students get wrong in predict_shapes, each as a small wrong solution."""

import torch
from torch import nn


def refuse_module(kind, input_size, hidden_size, num_layers, proj_size):
    """As torch refuses modules."""
    if min(input_size, hidden_size, num_layers) < 1 or (proj_size and (kind != "LSTM" or proj_size >= hidden_size)):
        raise ValueError("torch refuses the module")


def refuse_input(input_shape, input_size, batch_first):
    """As torch refuses inputs."""
    if len(input_shape) not in (2, 3) or input_shape[-1] != input_size:
        raise ValueError("torch refuses the input")
    if input_shape[1 if batch_first and len(input_shape) == 3 else 0] == 0:
        raise ValueError("torch refuses an input without steps")


class _Rules:
    """The rules of the contract; each misconception below changes the one it gets wrong."""

    def __init__(self, kind, input_shape, **named):
        defaults = {"num_layers": 1, "bidirectional": False, "batch_first": False, "proj_size": 0, "state_shape": None}
        self.__dict__.update(defaults | named, kind=kind, input_shape=tuple(input_shape))

    def batch(self):
        return () if len(self.input_shape) == 2 else (self.input_shape[0 if self.batch_first else 1],)

    def directions(self):
        return 2 if self.bidirectional else 1

    def features(self):
        return self.proj_size or self.hidden_size

    def output(self):
        return (*self.input_shape[:-1], self.directions() * self.features())

    def state(self, features):
        return (self.num_layers * self.directions(), *self.batch(), features)

    def h(self):
        return self.state(self.features())

    def c(self):
        return self.state(self.hidden_size)

    def refuse(self):
        refuse_module(self.kind, self.input_size, self.hidden_size, self.num_layers, self.proj_size)
        refuse_input(self.input_shape, self.input_size, self.batch_first)

    def refuse_state(self, given):
        if given != self.h():
            raise ValueError(f"torch refuses a state of shape {given}, expected {self.h()}")

    def answer(self):
        self.refuse()
        if self.state_shape is not None:
            self.refuse_state(tuple(self.state_shape))
        return {"output": self.output(), "h": self.h(), "c": self.c() if self.kind == "LSTM" else None}


class BatchFirstMovesState:
    """With batch_first the batch comes first in the state too.

    You move the batch axis of the state along with that of the input. `batch_first` speaks of inputs and
    outputs only: a state is always (layers and directions, batch, features).
    """

    hint = "Print h.shape of nn.GRU(2, 3, batch_first=True) for an input of (4, 5, 2)."

    class Rules(_Rules):
        def state(self, features):
            shape = _Rules.state(self, features)
            return (shape[1], shape[0], shape[2]) if self.batch_first and len(shape) == 3 else shape

    def predict_shapes(kind, input_shape, **named):
        return BatchFirstMovesState.Rules(kind, input_shape, **named).answer()


# What is returned is so, what is taken is right.
class ReturnedBatchFirst(BatchFirstMovesState):
    class Rules(BatchFirstMovesState.Rules):
        def refuse_state(self, given):
            if given != _Rules.state(self, self.features()):
                raise ValueError("torch refuses the state")

    def predict_shapes(kind, input_shape, **named):
        return ReturnedBatchFirst.Rules(kind, input_shape, **named).answer()


# The batch is read off the axis of time.
class StepsForSequences(BatchFirstMovesState):
    class Rules(_Rules):
        def batch(self):
            return self.input_shape[1:-1]

    def predict_shapes(kind, input_shape, **named):
        return StepsForSequences.Rules(kind, input_shape, **named).answer()


class DirectionsInOutputOnly:
    """The directions are counted in the output and not in the state.

    You double the features of the output, and leave the state with one entry a layer. Each direction of
    each layer carries a state of its own, so the first axis has num_layers * 2 entries.
    """

    hint = "How many states does a bidirectional layer carry, one for each reading of the sequence?"

    class Rules(_Rules):
        def state(self, features):
            return (self.num_layers, *self.batch(), features)

    def predict_shapes(kind, input_shape, **named):
        return DirectionsInOutputOnly.Rules(kind, input_shape, **named).answer()


# The state has both directions side by side, as the output has.
class DirectionsAmongFeatures(DirectionsInOutputOnly):
    class Rules(_Rules):
        def state(self, features):
            return (self.num_layers, *self.batch(), self.directions() * features)

    def predict_shapes(kind, input_shape, **named):
        return DirectionsAmongFeatures.Rules(kind, input_shape, **named).answer()


# Only in c.
class DirectionsNotInC(DirectionsInOutputOnly):
    class Rules(_Rules):
        def c(self):
            return (self.num_layers, *self.batch(), self.hidden_size)

    def predict_shapes(kind, input_shape, **named):
        return DirectionsNotInC.Rules(kind, input_shape, **named).answer()


class DirectionsInStateOnly:
    """The directions are counted in the state and not in the output.

    You give the state an entry for each direction, and the output the features of one. The output of a
    bidirectional module holds what both directions say of a step, side by side.
    """

    hint = "What does a bidirectional layer hand to the layer above it, at each step?"

    class Rules(_Rules):
        def output(self):
            return (*self.input_shape[:-1], self.features())

    def predict_shapes(kind, input_shape, **named):
        return DirectionsInStateOnly.Rules(kind, input_shape, **named).answer()


class LayersInOutput:
    """The layers are counted in the output.

    You let the output grow with the number of layers. The output is what the last layer says; those below
    hand theirs on to the next one and show only in the state.
    """

    hint = "Which layer's outputs does rnn(inputs) return?"

    class Rules(_Rules):
        def output(self):
            shape = _Rules.output(self)
            return (*shape[:-1], self.num_layers * shape[-1])

    def predict_shapes(kind, input_shape, **named):
        return LayersInOutput.Rules(kind, input_shape, **named).answer()


# As an axis of their own.
class LayersAsAxis(LayersInOutput):
    class Rules(_Rules):
        def output(self):
            return (self.num_layers, *_Rules.output(self))

    def predict_shapes(kind, input_shape, **named):
        return LayersAsAxis.Rules(kind, input_shape, **named).answer()


class ProjSizeInC:
    """The cell state has the projected size.

    You give c the features of h. Only h is projected, for it goes to the output and to the next step's
    gates; c stays inside the cell, with hidden_size features.
    """

    hint = "Build a small nn.LSTM with a proj_size and compare the two shapes of its state."

    class Rules(_Rules):
        def c(self):
            return self.h()

    def predict_shapes(kind, input_shape, **named):
        return ProjSizeInC.Rules(kind, input_shape, **named).answer()


class ProjectionNotInOutput:
    """The projection is in h and not in the output.

    You give the output hidden_size features, whatever proj_size says. A projecting LSTM hands on what it has
    projected, to the next step and to the caller alike: the last output of a direction is its h.
    """

    hint = "Build a small nn.LSTM with a proj_size, and compare the last row of its output with its h."

    class Rules(_Rules):
        def output(self):
            return (*self.input_shape[:-1], self.directions() * self.hidden_size)

    def predict_shapes(kind, input_shape, **named):
        return ProjectionNotInOutput.Rules(kind, input_shape, **named).answer()


class CellStateForEveryKind:
    """An RNN or a GRU is given a cell state.

    You return a shape for c, whatever the kind is. Only an LSTM has a second state beside h; for the others
    there is no c whose shape could be told.
    """

    hint = "What does nn.GRU(2, 3) return beside the output: a tensor, or a pair of them?"

    class Rules(_Rules):
        def answer(self):
            return {**_Rules.answer(self), "c": self.c()}

    def predict_shapes(kind, input_shape, **named):
        return CellStateForEveryKind.Rules(kind, input_shape, **named).answer()


# Only one of the two.
class CellStateForGru(CellStateForEveryKind):
    def predict_shapes(kind, input_shape, **named):
        rules = _Rules if kind == "RNN" else CellStateForEveryKind.Rules
        return rules(kind, input_shape, **named).answer()


class OutputAxesSwapped:
    """The first two axes of the output are not in the order of the input's.

    `batch_first` speaks of the input and of the output alike: the output has batch and time where the input has
    them. Yours are in one order whatever it says, or in the other one of the two.
    """

    hint = "Print the shape of the output of nn.GRU(2, 3, batch_first=True) for an input of (4, 5, 2)."

    class Rules(_Rules):
        def output(self):
            first, *second, features = _Rules.output(self)
            return (*second, first, features) if self.batch_first else (first, *second, features)

    def predict_shapes(kind, input_shape, **named):
        return OutputAxesSwapped.Rules(kind, input_shape, **named).answer()


# Batch first, whatever batch_first says.
class OutputAlwaysBatchFirst(OutputAxesSwapped):
    class Rules(_Rules):
        def output(self):
            first, *second, features = _Rules.output(self)
            return (first, *second, features) if self.batch_first else (*second, first, features)

    def predict_shapes(kind, input_shape, **named):
        return OutputAlwaysBatchFirst.Rules(kind, input_shape, **named).answer()


class UnbatchedRefused:
    """An input without a batch axis is refused.

    You take three axes for granted. `torch.nn` also takes a single sequence, of shape (T, I), and then
    neither the output nor the state has a batch axis.
    """

    hint = "Give an nn.GRU an input of two axes and look at what comes back."

    class Rules(_Rules):
        def refuse(self):
            _Rules.refuse(self)
            if len(self.input_shape) != 3:
                raise ValueError("expected an input of three axes")

    def predict_shapes(kind, input_shape, **named):
        return UnbatchedRefused.Rules(kind, input_shape, **named).answer()


# It is not noticed, and fails.
class ThreeAxesUnpacked(UnbatchedRefused):
    def predict_shapes(kind, input_shape, **named):
        _, _, _ = input_shape if len(input_shape) < 4 else (0, 0, 0)
        return _Rules(kind, input_shape, **named).answer()


class StateBatchNotChecked:
    """A state for another batch is taken.

    Whatever else of the state you compare, you don't compare its batch. Each sequence has a column of its own
    in the state, so its batch must be that of the input, even where it is 1: nothing is broadcast.
    """

    hint = "Which axes of state_shape do you compare, and with what?"

    class Rules(_Rules):
        def refuse_state(self, given):
            right = self.h()
            if len(given) != len(right) or given[0] != right[0] or given[-1] != right[-1]:
                raise ValueError("torch refuses the state")

    def predict_shapes(kind, input_shape, **named):
        return StateBatchNotChecked.Rules(kind, input_shape, **named).answer()


# A batch of one is broadcast.
class BatchOfOneTaken(StateBatchNotChecked):
    class Rules(_Rules):
        def refuse_state(self, given):
            right = self.h()
            if given != right and not (self.batch() and given == (right[0], 1, right[-1])):
                raise ValueError("torch refuses the state")

    def predict_shapes(kind, input_shape, **named):
        return BatchOfOneTaken.Rules(kind, input_shape, **named).answer()


class StateNotChecked:
    """States of a wrong shape are taken.

    There are states that you let through and `torch.nn` does not. A state either has the shape that the module
    would return, with as many axes and each of the same size, or it is refused.
    """

    hint = "Compare the whole tuple with the shape of h that you return."

    class Rules(_Rules):
        def refuse_state(self, given):
            pass

    def predict_shapes(kind, input_shape, **named):
        return StateNotChecked.Rules(kind, input_shape, **named).answer()


# Only the number of axes is checked.
class StateAxesCounted(StateNotChecked):
    class Rules(_Rules):
        def refuse_state(self, given):
            if len(given) != len(self.h()):
                raise ValueError("torch refuses the state")

    def predict_shapes(kind, input_shape, **named):
        return StateAxesCounted.Rules(kind, input_shape, **named).answer()


# Only the last axis is checked.
class StateFeaturesOnly(StateNotChecked):
    class Rules(_Rules):
        def refuse_state(self, given):
            if len(given) != len(self.h()) or given[-1] != self.features():
                raise ValueError("torch refuses the state")

    def predict_shapes(kind, input_shape, **named):
        return StateFeaturesOnly.Rules(kind, input_shape, **named).answer()


class UnbatchedStateNotChecked:
    """With a single sequence, a wrong state is taken.

    You compare the state for inputs of three axes only. An input without a batch axis goes with a state without
    one, of shape (layers and directions, features), and `torch.nn` refuses every other.
    """

    hint = "Give an nn.GRU an input of two axes and a state of three: what does it say?"

    class Rules(_Rules):
        def refuse_state(self, given):
            if self.batch():
                _Rules.refuse_state(self, given)

    def predict_shapes(kind, input_shape, **named):
        return UnbatchedStateNotChecked.Rules(kind, input_shape, **named).answer()


# A batch of one is taken, too.
class BatchOfOneForUnbatched(UnbatchedStateNotChecked):
    class Rules(_Rules):
        def refuse_state(self, given):
            right = self.h()
            if self.batch() or given != (right[0], 1, right[-1]):
                _Rules.refuse_state(self, given)

    def predict_shapes(kind, input_shape, **named):
        return BatchOfOneForUnbatched.Rules(kind, input_shape, **named).answer()


class EmptyStateShape:
    """An empty shape is taken for no state.

    You ask whether `state_shape` is true, and the empty tuple is not. It is the shape of a tensor that holds one
    number and has no axes: a state that `torch.nn` refuses. Only None stands for no state.
    """

    hint = "What does bool(()) say, and what () is not None?"

    def predict_shapes(kind, input_shape, *, state_shape=None, **named):
        return _Rules(kind, input_shape, state_shape=state_shape or None, **named).answer()


class SingleStepDropped:
    """An axis of one step is left out of the output.

    A sequence of one step is a sequence, and its output has an axis of time, of size 1. `torch.nn` keeps it, and
    whoever goes through the outputs step by step needs it.
    """

    hint = "What shape does an nn.GRU return for an input of (1, 4, 5)?"

    class Rules(_Rules):
        def output(self):
            shape = _Rules.output(self)
            time = 1 if self.batch_first and len(shape) == 3 else 0
            return shape if shape[time] > 1 else (*shape[:time], *shape[time + 1 :])

    def predict_shapes(kind, input_shape, **named):
        return SingleStepDropped.Rules(kind, input_shape, **named).answer()


# Only where it comes first, in a batch.
class FirstAxisDropped(SingleStepDropped):
    class Rules(_Rules):
        def output(self):
            shape = _Rules.output(self)
            return shape[1:] if shape[0] == 1 and self.batch() and not self.batch_first else shape

    def predict_shapes(kind, input_shape, **named):
        return FirstAxisDropped.Rules(kind, input_shape, **named).answer()


# The batch is left out, too.
class AllAxesOfOneDropped(SingleStepDropped):
    class Rules(_Rules):
        def output(self):
            *shape, features = _Rules.output(self)
            return (*(size for size in shape if size != 1), features)

    def predict_shapes(kind, input_shape, **named):
        return AllAxesOfOneDropped.Rules(kind, input_shape, **named).answer()


class ComparedByIdentity:
    """Integers are compared with `is`.

    You ask whether two numbers are one object, and not whether they are equal. Python keeps one object for each
    small integer, up to 256, so that it works for small sizes; of larger ones there may be many.
    """

    hint = "Try it with 1000 features; then look for `is` and `is not` beside numbers."

    def predict_shapes(kind, input_shape, *, input_size, **named):
        if input_shape and input_shape[-1] is not input_size:
            raise ValueError("torch refuses the input")
        return _Rules(kind, input_shape, input_size=input_size, **named).answer()


# Of the hidden features.
class StateComparedByIdentity(ComparedByIdentity):
    class Rules(_Rules):
        def refuse_state(self, given):
            if len(given) != len(self.h()) or any(one is not other for one, other in zip(given, self.h(), strict=True)):
                raise ValueError("torch refuses the state")

    def predict_shapes(kind, input_shape, **named):
        return StateComparedByIdentity.Rules(kind, input_shape, **named).answer()


def run(kind, input_shape, named):
    """The shapes that a module gives."""
    named = dict(named)
    state_shape = named.pop("state_shape", None)
    proj_size = named.pop("proj_size", 0)
    if proj_size:
        named["proj_size"] = proj_size
    try:
        rnn = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}[kind](**named)
        state = None if state_shape is None else torch.zeros(state_shape)
        if state is not None and kind == "LSTM":
            state = state, torch.zeros(*state_shape[:-1], rnn.hidden_size)
        output, state = rnn(torch.zeros(input_shape), state)
    except RuntimeError as error:
        raise ValueError(str(error)) from error
    h, c = state if kind == "LSTM" else (state, None)
    return {"output": tuple(output.shape), "h": tuple(h.shape), "c": c if c is None else tuple(c.shape)}


class ModuleBuilt:
    """The shapes are tried out, not computed.

    You make something that is as large as the sizes say, to see what comes out: a module, tensors, a list, or a
    loop with a step for each. That is right for small sizes, and takes time and memory that grow with them; with
    sizes of a million there is no machine for it. The shapes follow from a few integers by two multiplications.
    """

    hint = "Do it on paper for an LSTM with three layers and two directions: what did you multiply?"

    def predict_shapes(kind, input_shape, **named):
        return run(kind, input_shape, named)


# Only to see whether torch refuses it.
class ModuleBuiltToRefuse(ModuleBuilt):
    def predict_shapes(kind, input_shape, **named):
        if named.get("proj_size", 0) and kind != "LSTM":
            raise ValueError("only an LSTM projects")
        options = {"proj_size": named["proj_size"]} if named.get("proj_size") else {}
        sizes = named["input_size"], named["hidden_size"], named.get("num_layers", 1)
        {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}[kind](*sizes, **options)
        return _Rules(kind, input_shape, **named).answer()


# No module, but something for each step.
class StepByStep(ModuleBuilt):
    def predict_shapes(kind, input_shape, **named):
        answer = _Rules(kind, input_shape, **named).answer()
        steps = [None for _ in range(input_shape[0])]
        return {**answer, "output": (len(steps), *answer["output"][1:])}
