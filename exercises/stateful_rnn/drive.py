"""Runs a program of calls on ``StatefulRNN`` and looks at outputs, state and gradients after each of them."""

import dataclasses
import functools
import weakref

import torch

from grader.execution.hiding import sealed
from grader.execution.materials import (
    anything_kept,
    attempt,
    build_batch,
    build_rnn,
    copied,
    gradients_by_name,
    observe_pair,
    plain,
    tensors_in,
)


class Trouble(BaseException):
    """What ``rnn`` raises, of no kind that anybody expects of it."""


LET_GO, STILL_HELD = "let go of", "still held"
LARGER = 16  # times as much memory as a state needs


def drive(submission, case, observe):
    run = Run(submission, case, observe)
    for number, call in enumerate(case["program"].calls):
        run.call(number, call)
    run.end()
    run.let_go()


class Instance:
    """One module under test, and what it was last given and returned."""

    def __init__(self, submission, rnn, *, frozen=False):
        self.rnn = rnn.requires_grad_(not frozen)
        for parameter in rnn.parameters():
            parameter.grad = torch.ones_like(parameter)  # gathered by the caller
        self.parameters = list(self.rnn.state_dict())
        self.module = submission.StatefulRNN(self.rnn)
        self.outputs = None
        self.copy = None
        self.inputs = None
        self.earlier_inputs = None


class Run:
    """The execution of one program."""

    def __init__(self, submission, case, observe):
        self.submission, self.case, self.observe = submission, case, observe
        self.measured = "measure" in case.options
        self.light = "light" in case.options or case.device == "meta"
        self.spec = case["rnn"]
        self.instances = [Instance(submission, build_rnn(self.spec, case), frozen=case["frozen"])]

    def call(self, number, call):
        arguments = call.arguments
        if call.name.startswith("another"):
            rnn = self.instances[0].rnn
            if call.name == "another":
                rnn = build_rnn(dataclasses.replace(self.spec, seed=self.spec.seed + 1), self.case)
            self.instances.append(Instance(self.submission, rnn))
            self.look(self.instances[-1])
            return
        instance = self.instances[arguments["on"]]
        module = instance.module
        match call.name:
            case "forward" | "no grad":
                self.forward(instance, number, arguments, grad=call.name == "forward")
            case "mask":
                mask = torch.tensor(arguments["mask"], device=self.case.device)
                self.observe(masks=mask)
                before, given = copied(module.state), mask.clone()
                is_cut = all(each.grad_fn is None for each in tensors_in(module.state))
                module.reset(mask)
                self.observe(masks=mask)
                if is_cut:  # else its graph may need the mask
                    mask.logical_not_()  # the caller's to use again
                self.observe(**{"sequences not reset": kept_to_the_bit(before, module.state, given)})
            case "reset":
                module.reset()
            case "wrong batch":
                self.refused(instance, arguments["size"], self.spec.input_size, ValueError)
            case "wrong mask":
                mask = torch.full(arguments["shape"], arguments["all"])
                self.observe(refused=attempt(lambda: module.reset(mask), refused_with=ValueError))
            case "bad input":
                self.refused(instance, arguments["size"], self.spec.input_size + 1, Exception)
            case "eval":
                module.eval()
            case "train":
                module.train()
        if self.measured:
            self.observe(call=module.state)
        else:
            for each in self.instances:
                self.look(each)

    def forward(self, instance, number, arguments, *, grad):
        self.backpropagate(instance)
        program = dataclasses.replace(self.case["program"], seeds=self.case["program"].seeds[: arguments["size"]])
        x = build_batch(program, arguments["steps"], self.spec.input_size, case=self.case, number=number)
        if self.measured:
            instance.module(x)
            return
        x.requires_grad_(grad)
        before = copied(x)
        with torch.set_grad_enabled(grad):
            outputs = plain(instance.module(x))
        if not self.light:
            observe_pair(self.observe, "inputs", before, x)
        if not grad:
            given = [weakref.ref(x)]
            del x
            self.observe(outputs=outputs)
            self.observe_held("inputs, after the call", given)
            return
        self.observe(outputs=outputs)
        if not self.light:
            instance.outputs, instance.inputs, instance.copy = outputs, x, outputs.detach().clone()
            if arguments["steps"] > LARGER:
                self.look_at_memory(instance)

    def refused(self, instance, batch_size, features, error):
        """A call with inputs that are wrong, of which nothing is kept, either."""
        x = torch.zeros(1, batch_size, features, dtype=instance.rnn.weight_ih_l0.dtype)
        given = [weakref.ref(x)]
        self.observe(refused=attempt(functools.partial(instance.module, x), refused_with=error))
        del x
        self.observe_held("inputs, after the call", given)

    def backpropagate(self, instance):
        """Takes the gradients of the last call, after whatever came between it and the next one."""
        if instance.outputs is None:
            return
        outputs, inputs, earlier = instance.outputs, instance.inputs, instance.earlier_inputs
        self.observe(**{"outputs, looked at again": instance.copy})
        self.observe(**{"outputs, looked at again": outputs.detach()})
        targets = {"weights": dict(instance.rnn.named_parameters()), "inputs": inputs}
        if earlier is not None:
            targets["earlier inputs"] = earlier
        for name, found in gradients_by_name(outputs, to=targets).items():
            self.observe(**{f"gradients of the {name}": found})
        instance.outputs, instance.inputs, instance.earlier_inputs = None, None, inputs

    def let_go_of_inputs(self, instance):
        """Of those of the last call, when gradients have been taken; a state with a graph holds them, and is told."""
        if instance.earlier_inputs is not None:
            cut = all(each.grad_fn is None for each in tensors_in(instance.module.state))
            given = [weakref.ref(instance.earlier_inputs)] if cut else []
            instance.earlier_inputs = None
            self.observe_held("inputs, after the call", given)

    def look_at_memory(self, instance):
        """Whether a state lies in memory that holds far more than itself: the outputs of all steps, say."""
        large = [memory_of(each) > LARGER * each.nbytes for each in tensors_in(plain(instance.module.state))]
        self.observe(**{"inputs, after the call": LET_GO})
        self.observe(**{"inputs, after the call": STILL_HELD if any(large) else LET_GO})

    def observe_held(self, name, references, *, counts=False):
        """Whether somebody holds what these refer to, or any tensor, as a pair for a law of what must not change."""
        self.observe(**{name: LET_GO})
        self.observe(**{name: STILL_HELD if anything_kept(references, counts=counts) else LET_GO})

    def look(self, instance):
        self.observe(state=plain(instance.module.state))

    def end(self):
        if self.measured:
            return
        for instance in self.instances:
            self.backpropagate(instance)
            self.let_go_of_inputs(instance)
            self.observe(state_dict=saved(instance.rnn, instance.parameters))
            self.observe(state_dict=saved(instance.module, instance.parameters))
            if not self.light:
                gathered = [parameter.grad for parameter in instance.rnn.parameters()]
                ones = [torch.ones_like(parameter) for parameter in instance.rnn.parameters()]
                observe_pair(self.observe, "gradients gathered before", ones, gathered)
                self.fail(instance, at=2)
                self.fail(instance, at=1)
        if not self.light:
            rnn = build_rnn(dataclasses.replace(self.spec, bidirectional=True), self.case)
            self.observe(refused=attempt(lambda: self.submission.StatefulRNN(rnn), refused_with=ValueError))

    def fail(self, instance, *, at):
        """A call in which ``rnn`` raises where it is called so often, if it is: the state stays as it was."""
        state, calls = instance.module.state, []

        def count(*_):
            calls.append(None)
            if len(calls) == at:
                raise Trouble

        sizes = [each.shape[1] for each in tensors_in(state) if each.dim() == 3]
        size = sizes[0] if sizes else len(self.case["program"].seeds)
        x = torch.zeros(3, size, self.spec.input_size, dtype=instance.rnn.weight_ih_l0.dtype)
        before = now = copied(plain(state))
        handle = instance.rnn.register_forward_pre_hook(sealed(count))
        try:
            instance.module(x)
        except (Exception, Trouble):
            now = copied(plain(instance.module.state)) if len(calls) >= at else before
        handle.remove()
        observe_pair(self.observe, "state, after rnn has raised", before, now)

    def let_go(self):
        """Lets go of all modules, and sees whether somebody still holds what they carried."""
        if self.measured:
            return
        carried = [
            weakref.ref(each) for instance in self.instances for each in tensors_in(plain(instance.module.state))
        ]
        self.instances.clear()
        self.observe_held("state, once its module is gone", carried, counts=True)


def memory_of(tensor):
    return tensor.untyped_storage().nbytes()


def kept_to_the_bit(before, after, mask):
    """Whether sequences that were not reset have the state they had; where it is another, that shows in the state."""
    for old, new in zip(tensors_in(before), tensors_in(after), strict=False):
        if (old.shape, old.dtype) != (new.shape, new.dtype) or old.shape[1:2] != mask.shape:
            continue
        old, new = old[:, ~mask], new[:, ~mask]
        if not torch.equal(old, new) and torch.allclose(old, new, rtol=1e-5, atol=1e-6):
            return "changed by rounding"
    return "as they were, bit for bit"


def saved(module, parameters):
    """What ``state_dict()`` holds: the parameters of rnn, each once under any prefix, and what else there may be."""
    missing, more = list(parameters), []
    for name in module.state_dict():
        last = name.rpartition(".")[2]
        if last in missing:
            missing.remove(last)
        else:
            more.append(name)
    keys = "the parameters of rnn"
    keys += f", and more: {', '.join(more)}" if more else ""
    keys += f", without {', '.join(missing)}" if missing else ""
    return {"keys": keys, "too many": len(more), "missing": len(missing)}
