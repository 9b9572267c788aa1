"""Trains a small model over windows that are made only when they are asked for, and watches each optimizer step."""

from collections import namedtuple

import torch
from torch import nn

from grader.execution.hiding import sealed
from grader.execution.materials import (
    attributes,
    build_rnn,
    build_state,
    build_window,
    copied,
    hooks,
    plain,
    tensors_in,
    turned,
    unpacked,
)

LOUD = 100
RESULTS = ("losses", "state")
State = namedtuple("State", "parts")
record = []  # what a model calls with all that it is given; not the model's, or a submission could call it, too


class Model(nn.Module):
    """An RNN with a linear head, whose state comes in one of several forms."""

    def __init__(self, case):
        super().__init__()
        self.rnn = build_rnn(case["rnn"], case)
        dtype = self.rnn.weight_ih_l0.dtype
        self.head = nn.Linear(case["rnn"].hidden_size, case["windows"].targets, dtype=dtype).to(case.device)
        if case["form"] == "with a parameter":
            self.gain = nn.Parameter(torch.ones((), dtype=dtype, device=case.device))
        self.by_cell = "by_cell" in case.options
        self.form = case["form"]

    def forward(self, x, state=None):
        record[0](x, state)
        if self.form == "with a parameter":
            return self.forward_with_gain(x, state)
        state = self.taken_apart(state)
        if self.by_cell:
            outputs = []
            for step in x.split(1):
                output, state = self.rnn(step, state)
                outputs.append(output)
            outputs = torch.cat(outputs)
        else:
            outputs, state = self.rnn(x, state)
        return self.head(outputs), self.in_form(state)

    def forward_with_gain(self, x, state):
        # self.gain is always part of the graph: whether a gradient is None or zeros must not matter
        state, gain = (state["state"], state["gain"]) if state is not None else (None, self.gain)
        outputs, state = self.rnn(x, tuple(state) if isinstance(state, list) else state)
        return self.head(outputs * (gain + self.gain)), {"state": state, "gain": self.gain}

    def in_form(self, state):
        match self.form:
            case "dict":
                return {"state": state}
            case "list":
                return [state]
            case "named":
                return State(state)
            case "nested":
                return {"layers": [(state,)], "step": torch.tensor(3), "memory": None, "cache": {}, "queue": ()}
            case "view" if isinstance(state, torch.Tensor):
                return state[:]
            case "with a parameter":
                return {"state": state, "gain": self.gain.detach().clone()}
        return state

    def taken_apart(self, state):
        if state is None:
            return None
        match self.form:
            case "dict":
                state = state["state"]
            case "list":
                state = state[0]
            case "named":
                state = state.parts
            case "nested":
                state = state["layers"][0][0]
        return tuple(state) if isinstance(state, list) else state

    def groups(self):
        # the gain is not to change: a state that shares its memory and one that does not must come to the same
        gain = [parameter for name, parameter in self.named_parameters() if name == "gain"]
        rest = [parameter for name, parameter in self.named_parameters() if name != "gain"]
        return [{"params": rest}, *([{"params": gain, "lr": 0.0}] if gain else [])]


class Watch:
    """Sees which windows are taken when, what the model is given, and each step of the optimizer."""

    def __init__(self, case, observe):
        self.case, self.observe = case, observe
        self.model = Model(case)
        self.measured = "measure" in case.options
        self.windows = []
        self.begun = set()
        self.steps = 0
        self.taken = 0
        self.too_early = 0

    def given_to_model(self, x, state):
        # a window may be run in parts, and copied before: what counts is the state that it is begun with
        if self.measured:
            return
        moment = (self.taken, self.steps)
        which = self.window_of(x)
        if (moment if which is None else which) not in self.begun:
            self.begun |= {moment, which}
            self.observe(**{"state given to the model": state})

    def window_of(self, x):
        """The number of the window in whose memory a tensor lies; of a copy, and on ``meta``, there is none."""
        place = plain(x).untyped_storage().data_ptr()
        places = [own.untyped_storage().data_ptr() for (own, _), _ in self.windows]
        return places.index(place) if place and place in places else None

    def after_step(self, *_):
        self.steps += 1
        if not self.measured:
            gradients = {name: parameter.grad for name, parameter in self.model.named_parameters()}
            self.observe(**{"gradients at each step": gradients})

    def on_demand(self):
        for index in range(len(self.case["windows"].lengths)):
            x, y = build_window(self.case["windows"], index, self.case)
            if self.case["loud"]:  # so large are gradients then, and so much smaller are the steps
                y = LOUD * y
            if self.case["turned"]:
                x, y = turned(x), turned(y)
            self.taken += 1
            self.too_early = max(self.too_early, self.taken - self.steps - 2)  # one ahead is allowed
            if self.measured:
                self.observe(window=index)
            else:
                x.requires_grad_(self.case["inputs need gradients"])
                self.windows.append(((x, y), copied((x.detach(), y))))
            yield x, y
            del x, y


def contents(model):
    """What a call must leave as it was, beside the parameters."""
    return {**attributes(model), "hooks": hooks(model)}


def drive(submission, case, observe):
    torch.set_grad_enabled(True)  # whatever an earlier run left
    watch = Watch(case, observe)
    record[:] = [watch.given_to_model]
    model = watch.model
    model.train(case["training"])
    rate = 0.1 / LOUD if case["loud"] else 0.1
    optimizer = torch.optim.SGD(model.groups(), lr=rate, momentum=case["momentum"])
    optimizer.register_step_post_hook(sealed(watch.after_step))
    if watch.measured:
        submission.train_truncated(model, optimizer, watch.on_demand())
        return
    state = build_state(case["state"], case["rnn"], case)
    if state is not None:
        state = model.in_form(state)
    observe(model=contents(model), **{"initial state": state, "torch.is_grad_enabled()": True})
    if "cut" in case.options:
        windows = list(watch.on_demand())
        cut = case.options["cut"]
        result = submission.train_truncated(model, optimizer, windows[:cut], state)
        first, middle = unpacked(result, *RESULTS)
        result = submission.train_truncated(model, optimizer, windows[cut:], middle)
        rest, final_state = unpacked(result, *RESULTS)
        losses = [*first, *rest]
    else:
        windows = watch.on_demand() if case["iterable"] == "generator" else list(watch.on_demand())
        early = watch.too_early
        given = (windows,) if state is None else (windows, state)
        result = submission.train_truncated(model, optimizer, *given)
        ahead = watch.too_early - early
        observe(result=result, **{"windows read ahead": "at most 1" if ahead <= 0 else f"up to {ahead + 1}"})
        losses, final_state = unpacked(result, *RESULTS)
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    observe(
        losses=losses,
        model=contents(model),
        **{
            "final state": final_state,
            "requires_grad of the final state": any(each.requires_grad for each in tensors_in(final_state)),
            "initial state": state,
            "torch.is_grad_enabled()": enabled,
            "weights after training": dict(model.named_parameters()),
        },
    )
    for (x, y), (old_x, old_y) in watch.windows:
        observe(windows=(old_x.requires_grad_(case["inputs need gradients"]), old_y))
        observe(windows=(x, y))
    if case["inputs need gradients"]:
        observe(**{"gradients of the windows": [x.grad for (x, _), _ in watch.windows]})
