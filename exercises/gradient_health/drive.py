"""Gives a model gradients of a known size, calls one of the three functions, and looks at what came of them."""

import math

import torch
from torch import nn

from grader.execution.materials import build_rnn, draw, live_tensors, module_contents, observe_pair

LARGEST_FLOAT32 = 2.0**40  # beyond it, or below its inverse, norms are not what float32 can hold


class Model(nn.Module):
    """A recurrent module with a scalar, a learned start and a head, which may be there twice."""

    def __init__(self, rnn, form):
        super().__init__()
        like = next(rnn.parameters())
        self.gain = nn.Parameter(like.new_ones(()))
        self.start = nn.Parameter(like.new_zeros(2, 1, rnn.hidden_size))
        self.rnn = rnn
        self.head = nn.Linear(rnn.hidden_size, 2, dtype=like.dtype)
        if form == "a shared weight":
            self.again = nn.Linear(rnn.hidden_size, 2, dtype=like.dtype)
            self.again.weight = self.head.weight
        elif form == "a shared layer":
            self.again = self.head


def drive(submission, case, observe):
    torch.set_grad_enabled(True)  # whatever an earlier run left
    observe(**{"torch.is_grad_enabled()": True})
    {"norms": norms, "clip": clip, "diagnose": diagnose}[case["call"]](submission, case, observe)
    observe(**{"torch.is_grad_enabled()": torch.is_grad_enabled()})
    torch.set_grad_enabled(True)
    observe(kept=live_tensors() > 0)  # of this call or of an earlier one


def build_model(case):
    rnn = build_rnn(case["rnn"], case)
    if case["model"] == "rnn alone":
        return rnn
    model = Model(rnn, case["model"])
    return nn.ModuleDict({"module": model}) if case["model"] == "a model within a model" else model


def give_gradients(model, case):
    """Whole numbers times the case's scale; none for some parameters. Some may be frozen, with and without."""
    given = []
    for index, parameter in enumerate(model.parameters()):
        if {"none": False, "some": index % 2 == 1, "first": index == 0, "all": True}[case["without"]]:
            parameter.requires_grad_(not case["frozen"])
            continue
        number = 0 if case["size"] == "zero" else 2
        gradient = (number * draw(case["gradient"] + index, *parameter.shape, case=case)).round() * case["scale"]
        parameter.grad = gradient.to(parameter.dtype)  # which a call may have changed
        parameter.requires_grad_(not (case["frozen since"] and index % 2 == 0))
        given.append(parameter.grad)
    return given


def spoil(gradients, case):
    """One number that is not finite, where the case wants one."""
    if case["not finite"] != "none" and gradients:
        index = {"first": 0, "middle": len(gradients) // 2, "last": -1}[case["at"]]
        gradients[index].view(-1)[-1] = float(case["not finite"])


def in_units(value, scale):
    """A number as a multiple of the scale, which says more than one that is almost 0; what is no number as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return float(value) / scale if math.isfinite(value) else math.nan


def told(value, scale):
    """What is observed in units, together with these: a message would else show another number than a student."""
    return value if scale == 1 else {f"in units of {scale:.4g}": value}


def norms(submission, case, observe):
    model = build_model(case)
    spoil(give_gradients(model, case), case)
    before = module_contents(model)
    found = submission.gradient_norms(model)
    observe_pair(observe, "model", before, module_contents(model))
    if not isinstance(found, dict):
        observe(norms=told(found, case["scale"]), total=told(found, case["scale"]))
        return
    each = {name: in_units(norm, case["scale"]) for name, norm in found.items()}
    observe(total=told(each.pop("total", None), case["scale"]))
    observe(norms=told(by_first_name(each, model), case["scale"]))


def by_first_name(each, model):
    """A shared parameter has several names; it may be told by any of them, or by all if they say the same."""
    first = {id(parameter): name for name, parameter in model.named_parameters()}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        own = first[id(parameter)]
        if name != own and name in each and repr(each.get(own, each[name])) == repr(each[name]):
            each[own] = each.pop(name)
    return each


def clip(submission, case, observe):
    model = build_model(case)
    for bound in (100, case["max_norm"]):  # the total norm lies between them
        max_norm = bound if case["scale"] == 1 else bound * case["scale"]  # 100 as a whole number, too
        given = give_gradients(model, case)
        largest = max((gradient.abs().max() for gradient in given), default=None)
        total = math.hypot(*(number for gradient in given for number in gradient.flatten().tolist()))
        before = all_but_gradients(model)
        returned = submission.clip_gradients(model, max_norm)
        observe(returned=told(in_units(returned, case["scale"]), case["scale"]))
        observe_pair(observe, "model", before, all_but_gradients(model))
        look_at_clipped(model, largest, total, max_norm, case["scale"], observe)


def all_but_gradients(model):
    contents = module_contents(model)
    del contents["gradients"]
    return contents


def look_at_clipped(model, largest, total, max_norm, scale, observe):
    """Direction and length apart: torch adds 1e-6 to the norm, which is most of it where gradients are small."""
    after = {name: parameter.grad for name, parameter in model.named_parameters()}
    now = max((gradient.abs().max() for gradient in after.values() if gradient is not None), default=None)
    if now is None or largest is None or not now > 0:
        observe(**{"direction of the gradients": after})
        return
    direction = {name: None if gradient is None else gradient / now for name, gradient in after.items()}
    observe(**{"direction of the gradients": direction})
    factor = (now / largest).item()
    if scale >= 1:
        observe(**{"factor of the gradients": factor})
    asked = min(max_norm / total, 1)
    if factor > asked * 1.01:
        became = "longer than asked"
    elif factor < asked * 0.8 and scale > 1e-6:
        became = "shorter than asked"
    else:
        became = "as asked"
    where = "below" if max_norm < total else "above"
    observe(**{"length of the gradients": {f"max_norm {max_norm:.4g}, {where} the total": became}})


def diagnose(submission, case, observe):
    model, scale = build_model(case), case["scale"]
    gradients = give_gradients(model, case)
    spoil(gradients, case)
    answers, special = {}, special_gradients(gradients, case)

    def ask(what, *bounds, **named):
        answer = submission.diagnose_gradients(model, *bounds, **named)
        answers[what] = str.__str__(answer) if isinstance(answer, str) else answer

    before = module_contents(model)
    ask(f"{special or f'gradients of about {scale:.1g}'}, default bounds")
    if case.dtype != "float32" or 1 / LARGEST_FLOAT32 < scale < LARGEST_FLOAT32:
        low, high = 0.5 * scale, 100 * scale
        ask(f"{special or 'total between both'}, low {low:.4g}, high {high:.4g}", low, high)
        low, high = 100 * scale, 200 * scale
        ask(f"{special or 'total below both'}, low {low:.4g}, high {high:.4g}", low, high)
        low, high = 0.125 * scale, 0.5 * scale
        ask(f"{special or 'total above both'}, low {low:.4g}, high {high:.4g}", low=low, high=high)
    observe_pair(observe, "model", before, module_contents(model))
    if gradients:
        ask_exactly(case, ask, gradients)
    observe(diagnosis=answers)


def special_gradients(gradients, case):
    """In words, what is not usual in the gradients, if anything is."""
    if not gradients:
        return "no gradient at all"
    if case["not finite"] != "none":
        return {"nan": "a NaN", "inf": "inf", "-inf": "-inf"}[case["not finite"]] + " among the gradients"
    return "all gradients 0" if case["size"] == "zero" else ""


def ask_exactly(case, ask, gradients):
    """Two numbers whose squares add up to a square: the total norm is a whole number, however it is computed."""
    for gradient in gradients:
        gradient.zero_()
    one, other = gradients[0].view(-1)[:1], gradients[-1].view(-1)[-1:]
    a, b, total = case["pair"]
    one.fill_(a)
    other.fill_(b)
    ask("total equal to low", float(total), 2.0 * total)
    ask("total equal to high", low=total / 2, high=float(total))
    ask("total equal to both", high=float(total), low=float(total))
    ask("total just below low", total * 1.001, 2.0 * total)
    ask("total just above high", high=total * 0.999)
    one.fill_(60)
    other.fill_(80)
    ask("total equal to 100, default bounds")
    one.fill_(0)
    for number in (101, 1.01e-6, 0.99e-6, 0.9997e-6):
        other.fill_(number)
        ask(f"total {number}, default bounds")
    ask("total 0.9997e-6, low 0.0", low=0.0)
