"""Trains a small model over windows that are made only when they are asked for, and watches each optimizer step."""

import torch
from torch import nn

from grader.execution.materials import build_rnn, build_state, build_window


class Model(nn.Module):
    """An RNN with a linear head, whose state comes in one of several forms."""

    def __init__(self, case, record):
        super().__init__()
        self.rnn = build_rnn(case["rnn"], case)
        self.head = nn.Linear(case["rnn"].hidden_size, case["windows"].targets, dtype=self.rnn.weight_ih_l0.dtype)
        self.head.to(case.device)
        self.by_cell = "by_cell" in case.options
        self.form = case["form"]
        self.record = record

    def forward(self, x, state=None):
        self.record(x, state)
        state = self.unwrapped(state)
        if self.by_cell:
            outputs = []
            for step in x.split(1):
                output, state = self.rnn(step, state)
                outputs.append(output)
            return self.head(torch.cat(outputs)), self.wrapped(state)
        outputs, state = self.rnn(x, state)
        return self.head(outputs), self.wrapped(state)

    def wrapped(self, state):
        if state is None or self.form == "as torch gives it" or isinstance(state, torch.Tensor):
            return state
        h, c = state
        if self.form == "dict":
            return {"h": h, "c": c}
        return [h, c] if self.form == "list" else {"layers": [(h, c)], "steps": None}

    def unwrapped(self, state):
        if not isinstance(state, dict):
            return tuple(state) if isinstance(state, list) else state
        return (state["h"], state["c"]) if "h" in state else tuple(state["layers"][0])


def drive(submission, case, observe):
    measured = "measure" in case.options
    seen = set()

    def record(x, state):
        # a window may be run in parts: what counts is the state that it is begun with
        storage = x.untyped_storage().data_ptr()
        if not measured and (storage not in seen or case.device == "meta"):
            seen.add(storage)
            observe(**{"state given to the model": state})

    model = Model(case, record)
    model.train(case["training"])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=case["momentum"])
    if measured:
        submission.train_truncated(model, optimizer, windows_on_demand(case, observe, kept=None))
        return

    def look_at_gradients(*_):
        observe(**{"gradients at each step": [parameter.grad for parameter in model.parameters()]})

    optimizer.register_step_pre_hook(look_at_gradients)
    state = model.wrapped(build_state(case["state"], case["rnn"], case))
    kept = []
    windows = windows_on_demand(case, observe, kept)
    if case["iterable"] == "list":
        windows = list(windows)
    observe(mode=[each.training for each in model.modules()], **{"initial state": state})
    if "cut" in case.options:
        windows = list(windows)
        losses, middle = submission.train_truncated(model, optimizer, windows[: case.options["cut"]], state)
        rest, final_state = submission.train_truncated(model, optimizer, windows[case.options["cut"] :], middle)
        losses = [*losses, *rest]
    else:
        result = (
            submission.train_truncated(model, optimizer, windows)
            if state is None
            else submission.train_truncated(model, optimizer, windows, state)
        )
        observe(result=result)
        losses, final_state = result
    observe(
        losses=losses,
        mode=[each.training for each in model.modules()],
        **{
            "final state": final_state,
            "initial state": state,
            "weights after training": dict(model.named_parameters()),
            "gradients of the windows": [x.grad for x in kept],
        },
    )


def windows_on_demand(case, observe, kept):
    for index in range(len(case["windows"].lengths)):
        x, y = build_window(case["windows"], index, case)
        if kept is None:
            observe(window=index)
        else:
            x.requires_grad_()
            kept.append(x)
        yield x, y
        del x, y
