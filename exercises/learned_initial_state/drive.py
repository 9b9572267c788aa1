"""Makes instances of ``LearnedInitialState``, changes their parameters as training would, and looks at their states."""

import torch

from grader.execution.materials import build_rnn, draw, gradients, live_tensors, module_contents


def drive(submission, case, observe):
    if "light" in case.options:
        look_at_form(submission, case, observe)
    elif "reload" in case.options:
        save_and_load(submission, case, observe)
    else:
        train(submission, case, observe)


def train(submission, case, observe):
    batch_size, another_size = case["batch_size"], case["another_size"]
    rnn = build_rnn(case["rnn"], case)
    module = submission.LearnedInitialState(rnn)
    parameters = dict(module.named_parameters())  # once, before any call, as an optimizer takes them
    observe(parameters=parameters, buffers=sorted(name for name, _ in module.named_buffers()))

    before = live_tensors()
    state = module(batch_size)
    observe(state=state)
    observe(gradients=gradients_by_name(state, parameters))
    del state
    observe(kept=live_tensors() > before)
    observe(rnn=module_contents(rnn))

    change(parameters, case, number=0)
    state = module(batch_size)
    observe(**{"state after a step": state})
    observe(**{"gradients after a step": gradients_by_name(state, parameters, seed=5)})
    change(parameters, case, number=1)
    observe(**{"state after a step": module(batch_size)})

    another = submission.LearnedInitialState(rnn)
    change(dict(another.named_parameters()), case, number=2)
    observe(state=another(another_size))
    observe(state=another(batch_size))
    observe(**{"state after a step": module(another_size)})


def look_at_form(submission, case, observe):
    """Made where the rnn is, or made elsewhere and moved together with it: dtype and device are the rnn's."""
    rnn = build_rnn(case["rnn"], case)
    module = submission.LearnedInitialState(rnn)
    observe_parameters(module, observe)
    observe(state=module(case["batch_size"]))
    if case.device == "meta":
        return
    elsewhere = case.on(dtype="float32", device="cpu")
    rnn = build_rnn(case["rnn"], elsewhere)
    module = submission.LearnedInitialState(rnn)
    for each in (rnn, module):
        each.to(device=case.device, dtype=getattr(torch, case.dtype))
    observe(**{"state of a module that was moved": module(case["batch_size"])})


def observe_parameters(module, observe):
    for name, parameter in module.named_parameters():
        if name in ("h0", "c0"):
            observe(**{name: parameter})


def save_and_load(submission, case, observe):
    rnn = build_rnn(case["rnn"], case)
    trained = submission.LearnedInitialState(rnn)
    change(dict(trained.named_parameters()), case, number=0)
    observe(state=trained(case["batch_size"]))
    new = submission.LearnedInitialState(rnn)
    observe(state=new(case["batch_size"]))
    new.load_state_dict({name: value.clone() for name, value in trained.state_dict().items()})
    observe(state=new(case["batch_size"]))


def gradients_by_name(state, parameters, seed=1):
    named = {name: parameters[name] for name in ("h0", "c0") if name in parameters}
    return dict(zip(named, gradients(state, to=list(named.values()), seed=seed), strict=True))


@torch.no_grad()
def change(parameters, case, *, number):
    """Every number of every parameter by another amount: what an optimizer does, in the eyes of the module."""
    for place, name in enumerate(sorted(parameters)):
        amounts = draw(case["seed"] + 10 * number + place, *parameters[name].shape, case=case)
        parameters[name].sub_(amounts.to(parameters[name]))
