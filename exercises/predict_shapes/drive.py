"""Calls ``predict_shapes`` with integers: what it should answer, what it must refuse, and what an answer costs."""

from functools import partial

import numpy as np

from grader.execution.costs import cost_of
from grader.execution.materials import Refused, attempt

DEFAULTS = {"num_layers": 1, "bidirectional": False, "batch_first": False, "proj_size": 0, "state_shape": None}


def drive(submission, case, observe):
    call = case["call"]
    if "wrong" in case.options:
        for wrong in case[case.options["wrong"]]:
            spelled = {**call, **wrong["changes"]}
            observe(refused=attempt(partial(ask, submission, spelled), refused_with=ValueError))
    elif "large" in case.options:
        # first smaller ones: what is imported or made at the first call is no cost of the sizes, nor is an error
        smaller = attempt(lambda: ask(submission, case["hundreds"]), refused_with=ValueError)
        refused = isinstance(smaller, Refused)
        observe(cost={} if refused else cost_of(lambda: ask(submission, case["large"])))
    else:
        answer, the_same = ask(submission, call), ask(submission, call)
        for each in (answer, submission.predict_shapes(**call)):
            observe(output=plain(each["output"]), h=plain(each["h"]), c=plain(each["c"]), types=types(each))
        observe(**{"the next dict": shown(the_same)})
        answer.clear()
        observe(**{"the next dict": shown(the_same)})


def ask(submission, call):
    """As a person would call it: what is as by default is left out."""
    named = {name: value for name, value in call.items() if name not in DEFAULTS or value != DEFAULTS[name]}
    kind, input_shape = named.pop("kind"), named.pop("input_shape")
    return submission.predict_shapes(kind, input_shape, **named)


def shown(answer):
    return {name: plain(answer.get(name)) for name in ("output", "h", "c")}


def types(answer):
    return {
        name: "tuple" if isinstance(answer[name], tuple) else type(answer[name]).__name__
        for name in ("output", "h", "c")
    }


def plain(shape):
    """A tuple of any kind as a plain one (lists too: ``types`` tells them apart), with integers of any kind as ints."""
    if not isinstance(shape, tuple | list):
        return shape
    return tuple(int(size) if isinstance(size, int | np.integer) else size for size in shape)
