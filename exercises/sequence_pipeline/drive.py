"""Runs one of three parts with fixed weights: the classifier, the tagger, or the training of a classifier."""

import torch

from grader.execution.hiding import sealed
from grader.execution.materials import (
    build_batch,
    build_ids,
    build_rnn,
    build_state,
    copied,
    draw,
    gradients_by_name,
    like_a_real_device,
    live_tensors,
    observe_pair,
    unpacked,
)

OF_EPOCH = ("loss", "accuracy")
SURE, VERY_SURE = 50, 1000  # times as large are the logits of a model that is sure


def drive(submission, case, observe):
    if case["part"] == "training":
        train_for_epochs(submission, case, observe) if "epochs" in case.options else train(submission, case, observe)
    else:
        run(submission, case, observe)


def build(made, case):
    """The submission's module, its rnn and head filled with the numbers of the case, in whatever order they came."""
    rnn = build_rnn(case["rnn"], case)
    module = made(rnn.input_size, rnn.hidden_size, case["classes"]).to(rnn.weight_ih_l0)
    fill(module.rnn, rnn.state_dict(), "`rnn` should be nn.RNN(input_size, hidden_size)")
    scale = case.options.get("head", 1.0)
    if case["part"] == "training" and case["sure"]:
        scale = SURE
    if case["part"] == "classifier" and case["silent end"]:
        scale = VERY_SURE
    weight = scale * draw(case["rnn"].seed + 1, case["classes"], rnn.hidden_size, case=case)
    bias = scale * draw(case["rnn"].seed + 2, case["classes"], case=case)
    fill(module.head, {"weight": weight, "bias": bias}, "`head` should be nn.Linear(hidden_size, num_classes)")
    return module


def have_layers_of_their_own(module, another):
    known = {id(parameter) for parameter in module.parameters()}
    if any(id(parameter) in known for parameter in another.parameters()):
        raise TypeError("two instances of the same sizes have the same layers: each should make its own in __init__")


def fill(part, numbers, should):
    """Gives a part of the module its numbers; where they don't fit, it says what the part should be."""
    wanted, found = shapes(numbers), shapes(dict(part.named_parameters()))
    if found != wanted:
        raise TypeError(f"{should}: its parameters are {wanted}, and yours are {found}")
    part.load_state_dict(numbers)


def shapes(tensors):
    return {name: tuple(tensors[name].shape) for name in sorted(tensors)}


def weights(module):
    return {**by_name("rnn", module.rnn), **by_name("head", module.head)}


def frozen(module):
    return [name for name, parameter in weights(module).items() if not parameter.requires_grad]


def by_name(prefix, module):
    return {f"{prefix}.{name}": parameter for name, parameter in module.named_parameters()}


def run(submission, case, observe):
    """One call of the classifier or the tagger, with gradients, and of ``predict``."""
    classifies = case["part"] == "classifier"
    who = "classifier's" if classifies else "tagger's"
    made = submission.SequenceClassifier if classifies else submission.SequenceTagger
    module = build(made, case).train(case["mode"] == "train")
    if "light" not in case.options:
        have_layers_of_their_own(module, made(case["rnn"].input_size, case["rnn"].hidden_size, case["classes"]))
    x = build_batch(case["inputs"], case["inputs"].lengths[0], case["rnn"].input_size, case=case)
    if case["silent end"]:
        x[-1] = 0
    x.requires_grad_()
    state = build_state(case["state"], case["rnn"], case)
    if state is not None:
        state.requires_grad_()
    light = "light" in case.options
    given = None if light else copied({"x": x, "state": state})
    before = live_tensors()
    with like_a_real_device(case):
        result = module(x) if state is None else module(x, state)
    if not light:
        observe(result=result)
    logits, new_state = unpacked(result, "logits", "state")
    observe(**{f"{who} logits": logits, f"{who} state": new_state})
    if not light:
        targets = {"inputs": x, "initial state": state, "weights": weights(module)}
        for name, found in gradients_by_name([logits, new_state], to=targets).items():
            observe(**{f"gradients of the {who} {name}": found})
        del targets, found
    del result, logits, new_state
    if classifies:
        observe(**{"parameters that require no gradient": frozen(module)})
        with like_a_real_device(case):
            observe(probabilities=module.predict(x))
        observe(**{"parameters that require no gradient": frozen(module)})
    if not light:
        observe_pair(observe, "arguments", given, {"x": x, "state": state})
        observe(kept=live_tensors() > before)


def batches_of(case):
    """The batches of an epoch; the last one may be smaller."""
    part = case["batches"]
    last = len(part.lengths) - 1
    for number, length in enumerate(part.lengths):
        x = build_batch(part, length, case["rnn"].input_size, case=case, number=2 * number)
        y = build_ids(part, below=case["classes"], case=case, number=2 * number + 1)
        size = case["last"] if number == last else part.batch_size
        yield x[:, :size], y[:size]


def train(submission, case, observe):
    """One epoch over a few batches; every step of the optimizer is looked at."""
    model = build(submission.SequenceClassifier, case)
    first, *rest = model.parameters()
    optimizer = torch.optim.SGD([{"params": [first]}, {"params": rest}], lr=0.1, momentum=case["momentum"])
    batches = list(batches_of(case))
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()  # it has been used before, and has a state
    for parameter in model.parameters():
        parameter.grad = None

    def after_step(*_):
        found = {name: each.grad for name, each in weights(model).items()}
        observe(**{"gradients at the optimizer.step() of each batch": found})

    optimizer.register_step_post_hook(sealed(after_step))
    before = copied({"batches": batches, "optimizer": options_of(optimizer)})
    given = iter(batches) if case["iterable"] == "generator" else batches
    held, alive = list(batches), live_tensors()
    loss, accuracy = unpacked(submission.train_epoch(model, optimizer, given), *OF_EPOCH)
    observe(loss=loss, accuracy=accuracy)
    observe(**{"weights after the epoch": weights(model)})
    observe_pair(observe, "arguments", before, {"batches": batches, "optimizer": options_of(optimizer)})
    del loss, accuracy, given
    optimizer.state.clear()
    for parameter in model.parameters():
        parameter.grad = None
    model.rnn(held[0][0])  # until it is called, torch keeps weights that functional_call gave it
    observe(kept=live_tensors() > alive)
    del held


def options_of(optimizer):
    return [{name: value for name, value in group.items() if name != "params"} for group in optimizer.param_groups]


def train_for_epochs(submission, case, observe):
    """Several epochs on data that can be learned: a sequence is noise, but for its last steps, which show its class."""
    model = build(submission.SequenceClassifier, case)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    options = case.options
    y = torch.arange(options["sequences"]) % case["classes"]
    x = 0.3 * draw(options["seed"], options["steps"], len(y), case["rnn"].input_size, case=case)
    x[-options["shown"] :, torch.arange(len(y)), y] += 1
    for epoch in range(1, options["epochs"] + 1):
        batches = list(zip(x.split(options["batch"], dim=1), y.split(options["batch"]), strict=True))
        loss, accuracy = unpacked(submission.train_epoch(model, optimizer, batches), *OF_EPOCH)
        if epoch == options["epochs"]:
            accuracy = unless_far_from(accuracy_of(model, x, y), accuracy)
        observe(epoch={"loss": loss, "accuracy": accuracy})


@torch.no_grad()
def accuracy_of(model, x, y):
    try:
        return (model(x)[0].argmax(-1) == y).float().mean().item()
    except Exception:  # other laws tell what is wrong with its form
        return 1.0


def unless_far_from(true, said):
    """The accuracy that was said; of a model that has learned far less than is said, the true one."""
    return true if isinstance(said, int | float) and true < said - 0.2 else said
