"""Evaluates a classifier whose answers are known, then once more with something that goes wrong on the way."""

import numpy as np
import torch
from torch import nn

from grader.execution.materials import (
    attempt,
    build_rnn,
    copied,
    draw,
    hooks,
    live_tensors,
    module_contents,
    observe_pair,
)

RATIOS, COUNTS = ("accuracy", "precision", "recall"), ("tp", "fn", "fp", "tn")
FLOATS = ("loss", *RATIOS)
record = []  # what a model calls with its logits; not the model's, or a submission could call it, too


class Trouble(Exception):
    """What the model, or the iterable of batches, raises."""


class NoIterator:
    """Batches that cannot even be begun with."""

    def __iter__(self):
        raise Trouble("in their iterator")


class Flip(nn.Module):
    """Behaves differently in training."""

    def forward(self, x):
        return -x if self.training else x


class Model(nn.Module):
    """The first feature of a sequence says what the answer is; the state has its say in the loss.

    The second feature is added to both logits, which changes neither the answer nor the loss. How sure the model is
    decides what a wrong answer costs. Where the logits are to be a view, they are features of the last step.
    """

    def __init__(self, case):
        super().__init__()
        self.rnn = build_rnn(case["rnn"], case)
        hidden, dtype = case["rnn"].hidden_size, self.rnn.weight_ih_l0.dtype
        layers = nn.Linear(hidden, hidden, dtype=dtype), nn.Linear(hidden, 2, dtype=dtype)
        self.head = nn.Sequential(nn.Sequential(Flip()), *layers)
        self.beside = nn.Sequential(self.head[0])  # a part that two others share, with a mode of its own
        self.sure = case["sure"]
        self.view = case["view"]

    def forward(self, x, state):
        outputs, state = self.rnn(x, state)
        said = self.sure * x[:, :, 0].mean(0)
        both = 3 * x[:, :, 1].mean(0)
        logits = 0.2 * self.head(outputs[-1]) + torch.stack([both - said, both + said], dim=1)
        if self.view:
            logits = x[-1, :, :2]
        if self.training:
            logits = -logits
        record[0](logits)
        return logits, state


def drive(submission, case, observe):
    evaluate_once(submission, case, observe)
    observe(kept=live_tensors() > 0)  # of this call or of an earlier one
    evaluate_in_trouble(submission, case, observe)


def evaluate_once(submission, case, observe):
    model = build_model(case)
    record[:] = [lambda logits: observe(logits=logits)]
    batches = build_batches(case)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    model_before, batches_before = copied(all_but_modes(model)), copied(batches)
    observe(modes=modes(model))
    with torch.set_grad_enabled(case["grad"]):
        observe(**{"grad mode": grad_mode()})
        handed = batches if case["iterable"] == "list" else (batch for batch in batches)
        found = submission.evaluate(model, handed)
        observe(**{"grad mode": grad_mode()})
    observe(modes=modes(model))
    observe_pair(observe, "model", model_before, all_but_modes(model))
    observe_pair(observe, "batches", batches_before, batches)
    if not isinstance(found, dict):
        observe(loss=found, ratios=found, counts=found, types=found)
        return
    observe(
        loss=as_float(found.get("loss")),
        ratios={name: as_float(found.get(name)) for name in RATIOS},
        counts={name: as_int(found.get(name)) for name in COUNTS},
        types={name: type_of(found.get(name), float if name in FLOATS else int) for name in (*FLOATS, *COUNTS)},
    )


def evaluate_in_trouble(submission, case, observe):
    calls = []

    def count(logits):
        if case["trouble"] == "in the model" and len(calls) == case["at"]:
            raise Trouble("in the model")
        calls.append(None)

    def in_trouble(batches):
        for index, batch in enumerate(batches):
            if index == case["at"]:
                raise Trouble("in the batches")
            yield batch

    model = build_model(case)
    record[:] = [count]
    batches = build_batches(case)
    handed = {"in the batches": in_trouble(batches), "in their iterator": NoIterator()}.get(case["trouble"], batches)
    observe(**{"modes after an error": modes(model), "hooks after an error": hooks(model)})
    with torch.set_grad_enabled(case["grad"]):
        observe(**{"grad mode after an error": grad_mode()})
        observe(error=attempt(lambda: submission.evaluate(model, handed), refused_with=Trouble))
        observe(**{"grad mode after an error": grad_mode()})
    observe(**{"modes after an error": modes(model), "hooks after an error": hooks(model)})


def build_model(case):
    model = Model(case)
    model.rnn.requires_grad_(not case["frozen"])
    for index, module in enumerate(model.modules()):
        module.training = {
            "train": True,
            "eval": False,
            "first half in train": index < 3,
            "second half in train": index >= 3,
            "every other in train": index % 2 == 1,
        }[case["modes"]]
    return model


def build_batches(case):
    batches = []
    for index, (pairs, steps) in enumerate(zip(case["batches"], case["lengths"], strict=True)):
        x = draw(case["seed"] + index, steps, len(pairs), case["rnn"].input_size, case=case)
        answers = torch.tensor([1.0 if said else -1.0 for _, said in pairs])
        x[:, :, 0] = answers
        if case["view"]:
            x[-1, :, 0], x[-1, :, 1] = -answers, answers
        batches.append((x, torch.tensor([label for label, _ in pairs])))
    return batches


def modes(model):
    return {name or "model": vars(module).get("training") for name, module in model.named_modules()}


def grad_mode():
    return {"grad": torch.is_grad_enabled(), "inference": torch.is_inference_mode_enabled()}


def all_but_modes(model):
    contents = module_contents(model)
    del contents["modes"]
    contents["attributes"] = {name: value for name, value in contents["attributes"].items() if "training" not in name}
    return contents


def as_float(value):
    """The number, whatever it is held in; 0 is as good as 0.0."""
    value = taken_out(value)
    return float(value) if type(value) is int else value


def as_int(value):
    value = taken_out(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def taken_out(value):
    return value.item() if isinstance(value, torch.Tensor | np.generic) and value.ndim == 0 else value


def type_of(value, wanted):
    """The name of the type, where it is not as good as the one that is wanted."""
    as_good = isinstance(value, float) or type(value) is int if wanted is float else type(value) is int
    return wanted.__name__ if as_good else type(value).__name__
