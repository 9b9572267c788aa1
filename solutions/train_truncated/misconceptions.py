"""What students get wrong in train_truncated, each as a small wrong solution."""

from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import mse_loss
from torch.nn.utils import clip_grad_norm_, clip_grad_value_


def _mapped(cut, state):
    """The state with each of its tensors cut."""
    if isinstance(state, Tensor):
        return cut(state)
    if isinstance(state, dict):
        return type(state)((key, _mapped(cut, value)) for key, value in state.items())
    if hasattr(state, "_fields"):
        return state._make(_mapped(cut, value) for value in state)
    if isinstance(state, (tuple, list)):
        return type(state)(_mapped(cut, value) for value in state)
    return state


def _detached(state):
    return _mapped(Tensor.detach, state)


def _first_detached(state):
    first, *rest = state
    return (_detached(first), *rest)


def _train_on(model, optimizer, x, y, state, compute_loss=mse_loss, clip=None):
    """What is right for one window; returns the loss and the new state, still attached."""
    optimizer.zero_grad()
    prediction, state = model(x, state)
    loss = compute_loss(prediction, y)
    loss.backward()
    if clip is not None:
        clip(model.parameters())
    optimizer.step()
    return loss, state


def _train(model, optimizer, windows, state, *, compute_loss=mse_loss, clip=None, cut=_detached):
    """What is right but for the loss, for what is done to the gradients, or for the cut of the state."""
    losses = []
    for x, y in windows:
        loss, state = _train_on(model, optimizer, x, y, state, compute_loss, clip)
        losses.append(loss.item())
        state = cut(state)
    return losses, state


class GraphRetained:
    """The graph is retained instead of cut.

    You hand the state on with its graph and call `backward(retain_graph=True)`. Each
    backward then goes back through all windows so far: memory and time grow with every
    window, and an optimizer step that has changed the weights meanwhile makes torch
    complain of an in-place operation.
    """

    hint = (
        "torch proposes `retain_graph=True`, but ask first why the second backward "
        "wants to go through the first window at all."
    )

    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        for x, y in windows:
            optimizer.zero_grad()
            prediction, state = model(x, state)
            loss = mse_loss(prediction, y)
            loss.backward(retain_graph=True)
            optimizer.step()
            losses.append(loss.item())
        return losses, _detached(state)


class NoDetach:
    """The state is handed on with its graph.

    You pass the state from one window to the next as the model returned it. It still
    hangs on the first window's graph, whose buffers the first backward has freed, so
    that the second backward runs into them and torch raises an error.
    """

    hint = "What does the state of the last window still know besides its values?"

    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        for x, y in windows:
            optimizer.zero_grad()
            prediction, state = model(x, state)
            loss = mse_loss(prediction, y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses, state


class PartKeepsGraph:
    """What is nested deeper keeps its graph.

    You cut a state in the forms that you thought of, and hand on with its graph what stands in other
    containers or deeper in them. A state may be any nesting of tuples, lists and dicts: a single tensor
    that is left, h or c in a tuple in a dict, leads backward into the window before, whose graph is freed.
    """

    hint = (
        "Make a state that is a dict with a list in it and a pair in that. Which tensors have a `grad_fn` "
        "after your cut? And what would a container in a container in a container need?"
    )

    def train_truncated(model, optimizer, windows, state=None):
        def cut(part):
            return part.detach() if isinstance(part, Tensor) else part

        def cut_first_level(state):
            if isinstance(state, dict):
                return {key: cut(value) for key, value in state.items()}
            if hasattr(state, "_fields"):
                return state._make(map(cut, state))
            return type(state)(map(cut, state)) if isinstance(state, (tuple, list)) else cut(state)

        return _train(model, optimizer, windows, state, cut=cut_first_level)


# Of any depth, but only tensors, tuples and lists.
class DictsKeepGraph(PartKeepsGraph):
    def train_truncated(model, optimizer, windows, state=None):
        def cut(state):
            if hasattr(state, "_fields"):
                return state._make(map(cut, state))
            if isinstance(state, (tuple, list)):
                return type(state)(map(cut, state))
            return state.detach() if isinstance(state, Tensor) else state

        return _train(model, optimizer, windows, state, cut=cut)


# A tensor is cut, and a pair of them, as torch gives it; nothing else.
class OnlyTensorOrPairCut(PartKeepsGraph):
    def train_truncated(model, optimizer, windows, state=None):
        def cut(state):
            if type(state) is tuple and all(isinstance(part, Tensor) for part in state):
                return tuple(part.detach() for part in state)
            return state.detach() if isinstance(state, Tensor) else state

        return _train(model, optimizer, windows, state, cut=cut)


class OnlyHiddenStateCut:
    """Of a pair only the first part is cut.

    You cut h and hand on c as it is. Both hang on the window that made them, and c leads as far back
    as h did: the next `backward` runs into a graph whose buffers are freed, and torch raises an error.
    With a GRU nothing of this is seen, for its state has one part.
    """

    hint = "Print `grad_fn` of each part of the state behind your cut, with an LSTM in the model."

    def train_truncated(model, optimizer, windows, state=None):
        def cut(state):
            return _first_detached(state) if isinstance(state, (tuple, list)) else _detached(state)

        return _train(model, optimizer, windows, state, cut=cut)


# Of a pair as torch gives it; whatever else is cut as a whole.
class OnlyHiddenStateOfPairCut(OnlyHiddenStateCut):
    def train_truncated(model, optimizer, windows, state=None):
        def cut(state):
            return _first_detached(state) if type(state) is tuple else _detached(state)

        return _train(model, optimizer, windows, state, cut=cut)


class NewStateEachWindow:
    """Every window starts from a new state.

    You call the model with `None`, or with the initial state, for each window. That does
    cut the graph, but throws the values away with it: the windows are pieces of one long
    sequence, and the network forgets what it has read each time a new one begins.
    """

    hint = "Truncating stops the gradient, not the memory: which of the two did you cut?"

    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        for x, y in windows:
            optimizer.zero_grad()
            prediction, state = model(x, None)
            loss = mse_loss(prediction, y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            state = _detached(state)
        return losses, state


# The given initial state is used for the first window.
class NoneAfterFirstWindow(NewStateEachWindow):
    def train_truncated(model, optimizer, windows, state=None):
        losses, final = [], state
        for x, y in windows:
            loss, final = _train_on(model, optimizer, x, y, state)
            losses.append(loss.item())
            state, final = None, _detached(final)
        return losses, final


# The given initial state is used for every window.
class InitialStateEachWindow(NewStateEachWindow):
    def train_truncated(model, optimizer, windows, state=None):
        losses, final = [], state
        for x, y in windows:
            loss, final = _train_on(model, optimizer, x, y, state)
            losses.append(loss.item())
            final = _detached(final)
        return losses, final


class StateOneWindowLate:
    """The state goes on one window late.

    A window begins with the state that the window before began with, not with the one in which it ended.
    So no window knows of the one just before it: the second begins like the first, the third where
    the first ended, and so on.
    """

    hint = (
        "Two names hold a state in your loop. Write down, for three windows, which state each of them holds "
        "when the model is called."
    )

    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        given = state
        for x, y in windows:
            loss, new = _train_on(model, optimizer, x, y, given)
            losses.append(loss.item())
            given, state = state, _detached(new)
        return losses, state


# The state that is returned is late, too.
class FinalStateOneWindowLate(StateOneWindowLate):
    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        new = state
        for x, y in windows:
            loss, after = _train_on(model, optimizer, x, y, state)
            losses.append(loss.item())
            state, new = new, _detached(after)
        return losses, state


class GradientsNotZeroed:
    """The gradients are not zeroed between windows.

    You call backward and step, but no `zero_grad` between them. `backward` adds to the
    gradients that are there, so every step is made with the sum over all windows so far
    instead of the window at hand.
    """

    hint = "Print a parameter's `.grad` just before each backward."

    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        for x, y in windows:
            prediction, state = model(x, state)
            loss = mse_loss(prediction, y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            state = _detached(state)
        return losses, state


# They are zeroed once, before the first window.
class GradientsZeroedOnce(GradientsNotZeroed):
    def train_truncated(model, optimizer, windows, state=None):
        optimizer.zero_grad()
        return GradientsNotZeroed.train_truncated(model, optimizer, windows, state)


class ErrorsSummed:
    """Squared errors are summed where they should be averaged.

    You add up the squared errors, of all numbers or along one of the axes. The mean divides by how many
    there are; without that the loss, and with it the gradient and the step, grows with the length of the
    window, the batch or the number of features, and a learning rate that was right for one size is not for another.
    """

    hint = "Hand over a window twice as long, or a batch twice as large: should the loss be twice as large, too?"

    def train_truncated(model, optimizer, windows, state=None):
        return _train(model, optimizer, windows, state, compute_loss=partial(mse_loss, reduction="sum"))


# The mean of each step is added to that of the others.
class StepsSummed(ErrorsSummed):
    def train_truncated(model, optimizer, windows, state=None):
        def compute_loss(prediction, y):
            return sum(map(mse_loss, prediction, y))

        return _train(model, optimizer, windows, state, compute_loss=compute_loss)


# The features are summed, and what that gives is averaged.
class FeaturesSummed(ErrorsSummed):
    def train_truncated(model, optimizer, windows, state=None):
        def compute_loss(prediction, y):
            return (prediction - y).pow(2).sum(dim=-1).mean()

        return _train(model, optimizer, windows, state, compute_loss=compute_loss)


# The sum of all is divided by the size of the batch.
class DividedByBatchOnly(ErrorsSummed):
    def train_truncated(model, optimizer, windows, state=None):
        def compute_loss(prediction, y):
            return mse_loss(prediction, y, reduction="sum") / y.size(1)

        return _train(model, optimizer, windows, state, compute_loss=compute_loss)


class LastStepOnly:
    """The loss looks at the last step of the window only.

    `[-1]` on time-major tensors is the last time step. That is right for a network which says one
    thing about a whole sequence; here there is a target for every step, and the model doesn't learn
    from any but the last.
    """

    hint = "Change the target of the first step: does the loss of the window move?"

    def train_truncated(model, optimizer, windows, state=None):
        def compute_loss(prediction, y):
            return mse_loss(prediction[-1], y[-1])

        return _train(model, optimizer, windows, state, compute_loss=compute_loss)


class PredictionBroadcast:
    """Prediction and target have different shapes, and their difference is broadcast.

    An axis of size 1 is taken off one of the two, and not off the other. Where torch can, it stretches
    both to a common shape and compares predictions with the targets of other steps or sequences; where
    it can't, it raises. Neither shows as long as no axis has size 1.
    """

    hint = (
        "Take a model that predicts a single number, a batch of one sequence, or a window of one step: print the "
        "shape of the prediction, of `y` and of their difference."
    )

    def train_truncated(model, optimizer, windows, state=None):
        def compute_loss(prediction, y):
            return (prediction.squeeze() - y).pow(2).mean()

        return _train(model, optimizer, windows, state, compute_loss=compute_loss)


# It is the target that loses its axes.
class TargetSqueezed(PredictionBroadcast):
    def train_truncated(model, optimizer, windows, state=None):
        def compute_loss(prediction, y):
            return (prediction - y.squeeze()).pow(2).mean()

        return _train(model, optimizer, windows, state, compute_loss=compute_loss)


# Only the axis of the batch is taken off.
class BatchAxisSqueezed(PredictionBroadcast):
    def train_truncated(model, optimizer, windows, state=None):
        def compute_loss(prediction, y):
            return (prediction.squeeze(1) - y).pow(2).mean()

        return _train(model, optimizer, windows, state, compute_loss=compute_loss)


class DetachedBeforeLoss:
    """The prediction is detached before the loss.

    You compute the loss from the detached prediction and switch `requires_grad` on to
    make backward run. Nothing leads from that loss to the parameters any more: they get
    no gradient at all, and the model never learns.
    """

    hint = "Follow the way back from the loss: does it reach a parameter?"

    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        for x, y in windows:
            optimizer.zero_grad()
            prediction, state = model(x, state)
            loss = mse_loss(prediction.detach(), y).requires_grad_()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            state = _detached(state)
        return losses, state


class DetachedEachStep:
    """The state is detached at each time step.

    You run the window one step at a time and cut the state after every step. No
    gradient then reaches an earlier step, so the network can't learn to keep anything;
    the cut belongs between windows, not within them.
    """

    hint = "Set `requires_grad` on the first input of a window: does the loss of the last step reach it?"

    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        for x, y in windows:
            optimizer.zero_grad()
            predictions = []
            for step in x.split(1):
                prediction, state = model(step, state)
                predictions.append(prediction)
                state = _detached(state)
            loss = mse_loss(torch.cat(predictions), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses, state


class StepBeforeBackward:
    """The optimizer steps before backward.

    You call `optimizer.step()` when the gradients have just been zeroed, and compute
    them only afterwards, to be zeroed again at the next window. No step ever sees a
    gradient, and the parameters stay what they were.
    """

    hint = "What is in `.grad` at the moment when the optimizer reads it?"

    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        for x, y in windows:
            optimizer.zero_grad()
            prediction, state = model(x, state)
            loss = mse_loss(prediction, y)
            optimizer.step()
            loss.backward()
            losses.append(loss.item())
            state = _detached(state)
        return losses, state


# One window late: each round begins with the step, and the last gradient is never used.
class StepOpensTheRound(StepBeforeBackward):
    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        for x, y in windows:
            optimizer.step()
            optimizer.zero_grad()
            prediction, state = model(x, state)
            loss = mse_loss(prediction, y)
            loss.backward()
            losses.append(loss.item())
            state = _detached(state)
        return losses, state


class OptimizerNeverSteps:
    """The optimizer never makes a step.

    The gradients are zeroed and computed for every window, and nobody uses them: the weights after
    the last window are those from before the first. To name a method, without calling it, does nothing, and
    Python doesn't complain.
    """

    hint = "Print one weight before and after a window. Which line of your loop should have changed it?"

    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        for x, y in windows:
            optimizer.zero_grad()
            prediction, state = model(x, state)
            loss = mse_loss(prediction, y)
            loss.backward()
            losses.append(loss.item())
            state = _detached(state)
        return losses, state


class OptimizerOfItsOwn:
    """Another optimizer than the given one makes the steps.

    The weights change, but the optimizer that you are given never steps. It is the caller's choice of an
    algorithm and a learning rate, perhaps another one for some of the parameters, and it may hold what it has
    gathered in earlier calls, as momentum: all of that is lost, and the weights go elsewhere.
    """

    hint = "Give your function an optimizer with `lr=0.0`: do the weights stay as they are?"

    def train_truncated(model, optimizer, windows, state=None):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        return _train(model, optimizer, windows, state)


# With larger steps.
class LargerStepsOfItsOwn(OptimizerOfItsOwn):
    def train_truncated(model, optimizer, windows, state=None):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        return _train(model, optimizer, windows, state)


# With smaller ones.
class SmallerStepsOfItsOwn(OptimizerOfItsOwn):
    def train_truncated(model, optimizer, windows, state=None):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
        return _train(model, optimizer, windows, state)


# With steps whose size doesn't go by that of the gradients.
class AdamOfItsOwn(OptimizerOfItsOwn):
    def train_truncated(model, optimizer, windows, state=None):
        optimizer = torch.optim.Adam(model.parameters())
        return _train(model, optimizer, windows, state)


# The same with larger steps.
class LargerStepsOfAdam(OptimizerOfItsOwn):
    def train_truncated(model, optimizer, windows, state=None):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        return _train(model, optimizer, windows, state)


class TensorsKept:
    """A tensor of every window is kept.

    Something outlives its window that is a tensor and not a number: the losses themselves,
    a running total or average of them, the predictions, outputs or states. A tensor holds
    the graph that computed it, a sum of tensors those of all its terms; and what is cut
    from its graph still holds its numbers. So memory grows with the windows, even where
    the promised floats are made of the losses in the end.
    """

    hint = (
        "Which of your variables outlives a window, and is it a number or a tensor? "
        "Look at its `type` and at its `grad_fn`."
    )

    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        for x, y in windows:
            optimizer.zero_grad()
            prediction, state = model(x, state)
            loss = mse_loss(prediction, y)
            loss.backward()
            optimizer.step()
            losses.append(loss)
            state = _detached(state)
        return losses, state


# They become floats after the last window.
class LossesMadeFloatsAtTheEnd(TensorsKept):
    def train_truncated(model, optimizer, windows, state=None):
        losses, state = TensorsKept.train_truncated(model, optimizer, windows, state)
        return [loss.item() for loss in losses], state


# A running total, which holds the graphs of all its terms.
class RunningTotalWithGraph(TensorsKept):
    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        total = 0.0  # for the mean in the log
        for x, y in windows:
            optimizer.zero_grad()
            prediction, state = model(x, state)
            loss = mse_loss(prediction, y)
            loss.backward()
            optimizer.step()
            total = total + loss
            losses.append(loss.item())
            state = _detached(state)
        return losses, state


# An exponential moving average.
class MovingAverageWithGraph(RunningTotalWithGraph):
    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        average = 0.0
        for x, y in windows:
            loss, state = _train_on(model, optimizer, x, y, state)
            average = 0.9 * average + 0.1 * loss
            losses.append(loss.item())
            state = _detached(state)
        return losses, state


class WindowsReadIntoList:
    """Windows are read long before their turn.

    You take several windows, or all of them, out of `windows` before the first one is trained
    on, as `list(windows)` does. It may be a generator over data that doesn't fit in memory:
    truncated backpropagation through time needs one window at a time, and the others need not
    exist yet.
    """

    hint = "How many windows exist at the moment when the first one is trained on? One more than that one is allowed."

    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        windows = list(windows)
        for x, y in windows:
            optimizer.zero_grad()
            prediction, state = model(x, state)
            loss = mse_loss(prediction, y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            state = _detached(state)
        return losses, state


# Inputs and targets are gathered apart, which fails where there is no window.
class WindowsUnzipped(WindowsReadIntoList):
    def train_truncated(model, optimizer, windows, state=None):
        inputs, targets = zip(*windows, strict=True)
        losses = []
        for x, y in zip(inputs, targets, strict=True):
            loss, state = _train_on(model, optimizer, x, y, state)
            losses.append(loss.item())
            state = _detached(state)
        return losses, state


class FinalStateAttached:
    """The final state still hangs on the graph.

    You cut the state when a window begins, so every one is cut but the last, which
    you return as the model gave it. Whoever keeps it keeps the last window's graph, and
    whoever trains on from it gets an error.
    """

    hint = "Ask the state that you return for its `grad_fn`."

    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        for x, y in windows:
            optimizer.zero_grad()
            prediction, state = model(x, _detached(state))
            loss = mse_loss(prediction, y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses, state


class StateRequiresGradient:
    """The state is cut, and then made to require a gradient again.

    You call `requires_grad_` on what `detach` gives you, or copy the flag of the state before. Nobody asks for the
    gradient of a state: the one that you return brings whatever is computed from it into a new graph, and a state
    that goes on through many windows fills its `.grad` for nothing.
    """

    hint = "What is `requires_grad` of the state that you return, and who would need its gradient?"

    def train_truncated(model, optimizer, windows, state=None):
        def cut(part):
            return part.detach().requires_grad_(part.requires_grad)

        return _train(model, optimizer, windows, state, cut=partial(_mapped, cut))


class LastStepSkipped:
    """The optimizer is skipped on the last window.

    You make the step of each window when the next one comes, and none comes after the
    last; or you leave before it. That window's gradient is computed and never used: with
    a single window the model isn't trained at all.
    """

    hint = "Count the optimizer's steps for one window, and for two."

    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        for x, y in windows:
            if losses:
                optimizer.step()
            optimizer.zero_grad()
            prediction, state = model(x, state)
            loss = mse_loss(prediction, y)
            loss.backward()
            losses.append(loss.item())
            state = _detached(state)
        return losses, state


# The loop is left before the step of the last window.
class LeftBeforeLastStep(LastStepSkipped):
    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        windows = iter(windows)
        window = next(windows, None)
        while window is not None:
            x, y = window
            optimizer.zero_grad()
            prediction, state = model(x, state)
            loss = mse_loss(prediction, y)
            loss.backward()
            losses.append(loss.item())
            state = _detached(state)
            window = next(windows, None)
            if window is not None:
                optimizer.step()
        return losses, state


# Every window begins with the step of the one before; the first step has no gradient.
class StepOneWindowLate(LastStepSkipped):
    def train_truncated(model, optimizer, windows, state=None):
        losses = []
        for x, y in windows:
            optimizer.step()
            optimizer.zero_grad()
            prediction, state = model(x, state)
            loss = mse_loss(prediction, y)
            loss.backward()
            losses.append(loss.item())
            state = _detached(state)
        return losses, state


class GradientsClipped:
    """The gradients are clipped.

    You scale or cut the gradients between `backward` and `step`. That is good against
    gradients that explode, and often seen beside truncated backpropagation, but it is
    another update: whenever the gradients are large the weights go elsewhere. Truncating
    shortens the way that a gradient goes, not the gradient.
    """

    hint = "What does the optimizer get to see, and what did `backward` compute?"

    def train_truncated(model, optimizer, windows, state=None):
        return _train(model, optimizer, windows, state, clip=partial(clip_grad_norm_, max_norm=1.0))


# Only what explodes is clipped, as in many a tutorial.
class OnlyLargeGradientsClipped(GradientsClipped):
    def train_truncated(model, optimizer, windows, state=None):
        return _train(model, optimizer, windows, state, clip=partial(clip_grad_norm_, max_norm=5.0))


# At a quarter, as in torch's example of a language model.
class ClippedAtAQuarter(GradientsClipped):
    def train_truncated(model, optimizer, windows, state=None):
        return _train(model, optimizer, windows, state, clip=partial(clip_grad_norm_, max_norm=0.25))


class ClippedAtAHalf(GradientsClipped):
    def train_truncated(model, optimizer, windows, state=None):
        return _train(model, optimizer, windows, state, clip=partial(clip_grad_norm_, max_norm=0.5))


class ClippedAtTen(GradientsClipped):
    def train_truncated(model, optimizer, windows, state=None):
        return _train(model, optimizer, windows, state, clip=partial(clip_grad_norm_, max_norm=10.0))


# A bound that only a gradient that explodes ever meets.
class ClippedAtAHundred(GradientsClipped):
    def train_truncated(model, optimizer, windows, state=None):
        return _train(model, optimizer, windows, state, clip=partial(clip_grad_norm_, max_norm=100.0))


# Each number is clipped by itself.
class NumbersClipped(GradientsClipped):
    def train_truncated(model, optimizer, windows, state=None):
        return _train(model, optimizer, windows, state, clip=partial(clip_grad_value_, clip_value=1.0))
