"""Makes instances of ``LearnedInitialState``, changes their parameters as training would, and looks at their states."""

import torch

from grader.execution.materials import (
    build_rnn,
    draw,
    gradients,
    like_a_real_device,
    live_tensors,
    module_contents,
)

NAMES = ("h0", "c0")


def drive(submission, case, observe):
    if "light" in case.options:
        look_at_form(submission, case, observe)
    elif "reload" in case.options:
        save_and_load(submission, case, observe)
    else:
        train(submission, case, observe)


def train(submission, case, observe):
    batch_size, another_size = case["batch_size"], case["another_size"]
    rnn = build_rnn(case["rnn"], case).requires_grad_(not case["frozen"])
    classes = module_contents(rnn)["classes"]
    module = make(submission, rnn, case)
    named = dict(module.named_parameters(remove_duplicate=False))
    observe(parameters=named, buffers=sorted(name for name, _ in module.named_buffers()))
    parameters = initial(module)  # once, before any call, as an optimizer takes them

    before = live_tensors()
    state = module(batch_size)
    observe(state=state)
    observe(gradients=gradients_by_name(state, parameters))
    del state
    with torch.no_grad():
        module(batch_size)
    observe(kept=live_tensors() > before)
    observe(rnn={**module_contents(rnn), "classes": module_contents(rnn)["classes"] == classes})

    change(parameters, case, number=0)
    state = module(batch_size)
    observe(**{"state after a step": state})
    observe(**{"gradients after a step": gradients_by_name(state, parameters, seed=5)})
    with torch.no_grad():
        module(batch_size)
        change(parameters, case, number=1)
        observe(**{"state after a step": module(batch_size)})
    observe(**{"state after a step": module(batch_size)})

    another = make(submission, rnn, case)
    change(initial(another), case, number=2)
    observe(state=another(another_size))
    observe(state=another(batch_size))
    observe(**{"state after a step": module(another_size)})


def make(submission, rnn, case):
    module = submission.LearnedInitialState(rnn)
    if case["mode"] == "eval":
        module.eval()
    return module


def initial(module):
    """The parameters that are h0 and c0; where none has such a name, which costs a point of its own, the first ones."""
    named = dict(module.named_parameters())
    if not named.keys() & set(NAMES):
        return dict(zip(NAMES, [each for each in named.values() if each.dim() == 3], strict=False))
    return {name: named[name] for name in NAMES if name in named}


def look_at_form(submission, case, observe):
    """Made where the rnn is, or made elsewhere and moved together with it: dtype and device are the rnn's."""
    rnn = build_rnn(case["rnn"], case)
    module = make(submission, rnn, case)
    observe_parameters(module, observe)
    observe(state=module(case["batch_size"]))
    if case.device == "meta" and case["seed"] % 2:  # half of them: what is wrong there only is told from other mistakes
        return
    elsewhere = case.on(dtype="float32", device="cpu")
    rnn = build_rnn(case["rnn"], elsewhere)
    module = make(submission, rnn, case)
    move(rnn, module, case=case)
    with like_a_real_device(case):
        state = module(case["batch_size"])
    observe(**{"state of a module that was moved": state})


def move(*modules, case):
    """As to a real device, where parameters stay the objects that they were; on meta torch would make new ones."""
    swaps = torch.__future__.get_swap_module_params_on_conversion()
    torch.__future__.set_swap_module_params_on_conversion(swaps or case.device == "meta")
    try:
        for each in modules:
            each.to(device=case.device, dtype=getattr(torch, case.dtype))
    finally:
        torch.__future__.set_swap_module_params_on_conversion(swaps)


def observe_parameters(module, observe):
    for name, parameter in initial(module).items():
        observe(**{f"parameter {name}": parameter})


def save_and_load(submission, case, observe):
    rnn = build_rnn(case["rnn"], case)
    trained = make(submission, rnn, case)
    change(initial(trained), case, number=0)
    observe(state=trained(case["batch_size"]))
    new = make(submission, rnn, case)
    observe(state=new(case["batch_size"]))
    new.load_state_dict({name: value.clone() for name, value in trained.state_dict().items()})
    observe(state=new(case["batch_size"]))


def gradients_by_name(state, parameters, seed=1):
    """The gradient of each parameter; ``None`` for one that needs none, as for one that none reaches."""
    wanted = {name: parameter for name, parameter in parameters.items() if parameter.requires_grad}
    arrived = dict(zip(wanted, gradients(state, to=list(wanted.values()), seed=seed), strict=True))
    return {name: arrived.get(name) for name in parameters}


@torch.no_grad()
def change(parameters, case, *, number):
    """Every number of h0 and c0 by another amount: what an optimizer does, in the eyes of the module."""
    for name, parameter in parameters.items():
        amounts = draw(case["seed"] + 10 * number + NAMES.index(name), *parameter.shape, case=case)
        parameter.sub_(amounts.to(parameter))
