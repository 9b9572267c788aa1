"""Calls ``predict_shapes`` with integers: what it should answer, what it must refuse, and what an answer costs."""

from functools import partial

import numpy as np

from grader.execution.costs import cost_of
from grader.execution.materials import attempt

DEFAULTS = {"num_layers": 1, "bidirectional": False, "batch_first": False, "proj_size": 0, "state_shape": None}


def drive(submission, case, observe):
    call = case["call"]
    if "wrong" in case.options:
        for wrong in case[case.options["wrong"]]:
            spelled = {**call, **wrong["changes"]}
            observe(refused=attempt(partial(ask, submission, spelled), refused_with=ValueError))
    elif "large" in case.options:
        # first smaller ones: what is imported or made at the first call is no cost of the sizes
        attempt(lambda: ask(submission, case["hundreds"]), refused_with=ValueError)
        observe(cost=cost_of(lambda: ask(submission, case["large"])))
    else:
        for other in variations(call):  # what is remembered of another question is no answer to this one
            attempt(partial(ask, submission, other), refused_with=ValueError)
        answer, the_same = ask(submission, call), ask(submission, call)
        for each in (answer, submission.predict_shapes(**call)):
            observe(output=plain(each["output"]), h=plain(each["h"]), c=plain(each["c"]), types=types(each))
        before = shown(the_same)
        observe(**{"the next dict": before})
        dict.clear(answer)
        observe(**{"the next dict": shown(the_same)})
        observe(**{"the next dict": before})
        observe(**{"the next dict": asked_again(submission, call)})


def variations(call):
    """The same question with one thing otherwise."""
    for name in ("batch_first", "bidirectional"):
        yield {**call, name: not call.get(name)}
    for name in ("num_layers", "hidden_size"):
        yield {**call, name: call.get(name, 1) + 1}
    yield {**call, "kind": "RNN" if call["kind"] == "GRU" else "GRU"}


def ask(submission, call):
    """As a person would call it: what is as by default is left out."""
    named = {name: value for name, value in call.items() if name not in DEFAULTS or value != DEFAULTS[name]}
    kind, input_shape = named.pop("kind"), named.pop("input_shape")
    return submission.predict_shapes(kind, input_shape, **named)


def asked_again(submission, call):
    """What comes once the last answer was emptied; that it raises costs the law of new dicts, and no others."""
    try:
        return shown(ask(submission, call))
    except Exception as error:
        return f"raises {type(error).__name__}"


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
