"""What students get wrong in train_truncated, each as a small wrong solution."""

import torch
from torch import Tensor
from torch.nn.functional import mse_loss


def _detached(state):
    if isinstance(state, Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((key, _detached(value)) for key, value in state.items())
    if hasattr(state, "_fields"):
        return state._make(_detached(value) for value in state)
    if isinstance(state, (tuple, list)):
        return type(state)(_detached(value) for value in state)
    return state


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


class NewStateEachWindow:
    """Every window starts from a new state.

    You call the model with `None` for each window. That does cut the graph, but throws
    the values away with it: the windows are pieces of one long sequence, and the
    network forgets all that it has read each time a new one begins.
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


class GradientsNotZeroed:
    """The gradients are never zeroed.

    You call backward and step, but never `zero_grad`. `backward` adds to the gradients
    that are there, so every step is made with the sum over all windows so far instead
    of the window at hand.
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


class LossesKeptAsTensors:
    """The losses are kept as tensors.

    You append the loss itself instead of its value. Each of these tensors holds the
    graph that computed it, so the memory of every window stays as long as the list;
    and the caller was promised floats.
    """

    hint = "Look at `type(losses[0])` and at its `grad_fn`."

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


class RunningTotalWithGraph:
    """A running total drags every window's graph along.

    You add each loss tensor to a running total. The sum remembers all of its terms, so
    the total holds the graph of every window so far and memory grows, although the
    state itself is cut and the floats are right.
    """

    hint = "Which of your variables outlives a window, and is it a number or a tensor?"

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


class WindowsReadIntoList:
    """All windows are read into a list first.

    You turn `windows` into a list before training. It may be a generator over data that
    doesn't fit in memory: truncated backpropagation through time needs one window at a
    time, and the others need not exist yet.
    """

    hint = "How many windows exist at the moment when the first one is trained on?"

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


class LastStepSkipped:
    """The optimizer is skipped on the last window.

    You make the step of each window when the next one comes, and after the last window
    none comes. Its gradient is computed and never used: with a single window the model
    isn't trained at all.
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
