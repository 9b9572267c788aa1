"""What a ``drive.py`` builds from a case: modules, sequences, states, each from its seed.

Runs in workers. The functions of torch that are used here are taken when this module is imported, before any
submission is, and tensors are drawn by generators of their own, so that what a submission does to torch's global
state does not change its cases.

Shapes follow ``torch.nn``: T steps, B sequences, I input features, L layers, D directions, H hidden features.
"""

from __future__ import annotations

import gc
import itertools
import operator
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from copy import copy
from gc import get_objects  # as it is before any submission is loaded
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from grader.cases import FACTORS, NUMBER_STEP, SQUARE, Batched, Case, RnnSpec, Sequences, State, Windows
from grader.execution.before import was_there
from grader.execution.hiding import unfindable
from grader.execution.protocol import MAX_DEPTH, MAX_VALUES

Gradients = list[Tensor | None]
Module = TypeVar("Module", bound=nn.Module)

_randn = torch.randn
_randint = torch.randint
_Generator = torch.Generator
# torch.manual_seed also notes a stack trace for every accelerator that has not started yet: many times the cost
_manual_seed = torch.default_generator.manual_seed
_modules = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}
_cells: dict[str, type[nn.RNNCellBase]] = {"RNN": nn.RNNCell, "GRU": nn.GRUCell, "LSTM": nn.LSTMCell}
_grad = torch.autograd.grad
_detach, _flatten = torch.Tensor.detach, torch.Tensor.flatten
_equal, _allclose = torch.equal, torch.allclose
_flags: tuple[Callable[[Tensor], Any], ...] = tuple(
    getattr(torch.Tensor, name).__get__ for name in ("shape", "dtype", "device", "requires_grad", "is_leaf")
)
_profile, _profiler = sys.setprofile, sys.getprofile
_monitoring: Any = getattr(sys, "monitoring", None)  # by which profilers of Python 3.12 work
_Storage = torch.UntypedStorage
_as_subclass, _numel = torch._C.TensorBase.as_subclass, torch._C.TensorBase.numel
_NoTorchFunction = torch._C.DisableTorchFunction  # neither of subclasses nor of modes
_CONTAINERS: tuple[Any, ...] = (tuple, list, dict)
_hooks_of_tensors: tuple[Callable[[Tensor], Any], ...] = tuple(
    getattr(torch.Tensor, name).__get__ for name in ("_backward_hooks", "_post_accumulate_grad_hooks")
)
AS_IT_WAS = "as it was"


def dtype_of(case: Case) -> torch.dtype:
    """The floating dtype that modules and inputs of the case have."""
    dtype = getattr(torch, case.dtype)
    assert isinstance(dtype, torch.dtype)
    return dtype


def draw(seed: int, *shape: int, case: Case) -> Tensor:
    """Standard normal numbers of a seed, in the dtype and on the device of the case."""
    return _randn(shape, generator=_Generator().manual_seed(seed), dtype=dtype_of(case)).to(case.device)


def build_rnn(spec: RnnSpec, case: Case) -> nn.RNNBase:
    """The module of a spec, its weights drawn after ``torch.manual_seed(spec.seed)``."""
    _manual_seed(spec.seed)
    options = {"nonlinearity": spec.nonlinearity} if spec.kind == "RNN" else {"proj_size": spec.proj_size}
    if spec.kind == "GRU":
        options = {}
    module: nn.RNNBase = _modules[spec.kind](
        spec.input_size,
        spec.hidden_size,
        num_layers=spec.num_layers,
        bias=spec.bias,
        batch_first=spec.batch_first,
        bidirectional=spec.bidirectional,
        dtype=dtype_of(case),
        **options,
    )
    return _in_its_place(module, spec, case)


def build_cells(spec: RnnSpec, case: Case) -> list[nn.RNNCellBase]:
    """The cells that a module of ``spec`` would be made of: layer by layer, in each forward before backward.

    Their weights are drawn one cell after the other, after ``torch.manual_seed(spec.seed)``. The first layer reads
    ``input_size`` features, each other ``hidden_size`` for every direction. Cells do not project.
    """
    _manual_seed(spec.seed)
    options: dict[str, Any] = {"nonlinearity": spec.nonlinearity} if spec.kind == "RNN" else {}
    return [
        _in_its_place(
            _cells[spec.kind](size, spec.hidden_size, bias=spec.bias, dtype=dtype_of(case), **options), spec, case
        )
        for size in spec.cell_input_sizes
    ]


def _in_its_place(module: Module, spec: RnnSpec, case: Case) -> Module:
    module.train(spec.training)
    return module if case.device == "cpu" else module.to(case.device)  # where it is already, moving takes long, too


def build_batch(part: Batched, *shape: int, case: Case, number: int = 0, dim: int = 1) -> Tensor:
    """One tensor of ``shape`` a sequence, stacked along ``dim``.

    A case may need several of them from the same seeds: ``number`` counts them.
    """
    return torch.stack([_sequence(part, i, *shape, case=case, number=number) for i in range(part.batch_size)], dim=dim)


def build_sequences(part: Sequences, case: Case) -> list[Tensor]:
    """The sequences one by one, each ``(T_i, I)``."""
    sequences = [_sequence(part, i, length, part.features, case=case) for i, length in enumerate(part.lengths)]
    for i in part.silent:
        sequences[i][-1] = 0
    return sequences


def build_state(part: State | None, spec: RnnSpec, case: Case) -> Any:
    """An initial state for a module of ``spec``: ``None``, a tensor ``(L * D, B, features)``, or a pair of them."""
    if part is None:
        return None
    layers = spec.num_layers * spec.directions
    hidden = build_batch(part, layers, spec.state_features, case=case)
    if spec.kind != "LSTM":
        return hidden
    pair = (hidden, build_batch(part, layers, spec.hidden_size, case=case, number=1))
    return pair if part.container == "tuple" else list(pair)


def build_window(part: Windows, index: int, case: Case) -> tuple[Tensor, Tensor]:
    """Window ``index`` as ``(x, y)``: ``x`` of ``(T, B, I)``, ``y`` of ``(T, B, targets)``."""
    x = build_batch(part, part.lengths[index], part.features, case=case, number=2 * index)
    y = build_batch(part, part.lengths[index], part.targets, case=case, number=2 * index + 1)
    return x, y


def build_inputs(case: Case) -> Tensor:
    """The inputs ``(T, B, I)`` of a case, as its ``special`` wants them."""
    part = case["inputs"]
    inputs = build_batch(part, part.lengths[0], part.features, case=case)
    if case["special"] in FACTORS:
        inputs[-1] *= FACTORS[case["special"]]
    if case["special"] == SQUARE:
        inputs = turned(inputs)
    return inputs


def turned(tensor: Tensor) -> Tensor:
    """The same numbers, with the first two axes the other way round in memory, as what comes from batch-first data."""
    return tensor.transpose(0, 1).contiguous().transpose(0, 1)


def build_ids(part: Batched, *shape: int, below: int, case: Case, number: int = 0) -> Tensor:
    """Ids (tokens, labels) from 0 to ``below - 1`` for every sequence, int64, stacked along the last axis.

    Those of a poisoned sequence are ``below`` itself: an id that no model gives, and a drive may take for NaN.
    """
    each = []
    for index, seed in enumerate(part.seeds):
        ids = _randint(below, shape, generator=_Generator().manual_seed(seed + NUMBER_STEP * number))
        each.append(ids.fill_(below) if index in part.poisoned else ids)
    return torch.stack(each, dim=-1).to(case.device)


def _sequence(part: Batched, sequence: int, *shape: int, case: Case, number: int = 0) -> Tensor:
    tensor = draw(part.seeds[sequence] + NUMBER_STEP * number, *shape, case=case)
    return tensor.fill_(float("nan")) if sequence in part.poisoned else tensor


@contextmanager
@torch.no_grad()
def other_weights(parameters: Iterable[Tensor]) -> Iterator[None]:
    """Makes parameters twice as large for the time of a ``with``, as if they were still to be trained."""
    known = list(parameters)
    for each in known:
        each.mul_(2)
    try:
        yield
    finally:
        for each in known:
            each.div_(2)


class CopiesFromMeta(TorchFunctionMode):
    """Lets tensors on ``meta`` be copied to the CPU, as those of any real device can; what arrives is no number."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in _WRITES and _on_meta(args[-1]) and not _on_meta(args[0]):
            args = (*args[:-1], torch.empty_like(args[-1], device=args[0].device))
        try:
            return func(*args, **(kwargs or {}))
        except NotImplementedError:
            if func not in _MOVES or not _on_meta(args[0]):
                raise
            return torch.empty_like(args[0], device="cpu")


_WRITES, _MOVES = (Tensor.__setitem__, Tensor.copy_), (Tensor.to, Tensor.cpu)


def _on_meta(value: Any) -> bool:
    return isinstance(value, Tensor) and value.device.type == "meta"


def like_a_real_device(case: Case) -> AbstractContextManager[Any]:
    """What to call a submission in: on ``meta``, a result that was gathered on the CPU then comes back from there.

    Any accelerator copies to the CPU without a word, and ``meta`` refuses to, which would hide that mistake.
    """
    return CopiesFromMeta() if case.device == "meta" else nullcontext()


_REGISTERED = ("_parameters", "_buffers", "_modules")
_PLAIN = (bool, int, float, str)
_HOOKS = frozenset(name for name in vars(nn.Module()) if name.endswith("_hooks"))


def module_contents(module: nn.Module) -> dict[str, Any]:
    """What a call must leave as it was in a module: its class, parameters, their gradients and which are frozen, mode,
    hooks, and names of attributes. Observe it by ``observe_pair``."""
    parts = _parts(module)
    parameters = {
        f"{prefix}{name}": parameter
        for prefix, each in parts.items()
        for name, parameter in _held(each, "_parameters")
        if parameter is not None
    }
    gradients_ = {name: parameter.grad for name, parameter in parameters.items()}
    return {
        "parameters": _joined(parameters.values()),
        "gradients": _joined(gradients_.values()),
        "without gradient": [name for name, gradient in gradients_.items() if gradient is None],
        "frozen parameters": [name for name, parameter in parameters.items() if not parameter.requires_grad],
        "classes": [type(each) for each in parts.values()],
        "modes": [each.training for each in parts.values()],
        "hooks": hooks(module),
        "attributes": attributes(module),
        "saved": sorted(module.state_dict()),
    }


def hooks(module: nn.Module) -> int:
    """How many hooks there are on a module, its parts and its parameters."""
    parts = _parts(module).values()
    parameters = [each for part in parts for _, each in _held(part, "_parameters") if each is not None]
    return sum(len(_held(each, name)) for each in parts for name in _HOOKS if name in vars(each)) + sum(
        len(get(each) or ()) for each in parameters for get in _hooks_of_tensors
    )


def _parts(module: nn.Module) -> dict[str, nn.Module]:
    """A module and all its parts, each once, by what the names of its attributes begin with.

    Read past the module's methods, which may have been replaced.
    """
    found = {"": module}
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        for name, each in _held(found[prefix], "_modules"):
            if each is not None and not any(each is known for known in found.values()):
                found[f"{prefix}{name}."] = each
                waiting.append(f"{prefix}{name}.")
    return found


def _held(module: nn.Module, registry: str) -> list[tuple[str, Any]]:
    """What is in one of a module's registries, whatever a dict of a class of its own says."""
    return [*dict.items(vars(module)[registry])]


def _joined(tensors: Iterable[Tensor | None]) -> Tensor | None:
    """All numbers of some tensors in one, which is cheaper to look at than each."""
    found = [_flatten(_detach(tensor)) for tensor in tensors if tensor is not None]
    return unfindable(torch.cat(found)) if found else None


def attributes(module: nn.Module) -> dict[str, Any]:
    """Names of a module's attributes, those of its parts too, with the values of those that are plain.

    Names that begin with two underscores are Python's and torch's own: ``torch.jit.script`` leaves ``__overloads__``.
    """
    return {
        f"{prefix}{name}": value if type(value) in _PLAIN else None
        for prefix, each in _parts(module).items()
        for name, value in [
            *dict.items(vars(each)),
            *((name, None) for kind in _REGISTERED for name, _ in _held(each, kind)),
        ]
        if not name.startswith("__")
    }


def copied(value: Any) -> Any:
    """The same structure with tensors of its own, which hang on no graph and require gradients where those do."""
    if isinstance(value, Tensor):
        return unfindable(value.detach().clone()).requires_grad_(value.requires_grad)
    if isinstance(value, dict):
        same = dict(value) if type(value) is dict else copy(value)
        for key, item in value.items():
            same[key] = copied(item)
        return same
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(copied(item) for item in value))
    if type(value) in (tuple, list):
        return type(value)(copied(item) for item in value)
    return value


def unpacked(result: Any, *names: str) -> list[Any]:
    """What a call returned, taken apart into the results of these names.

    Raises:
        TypeError: it is something else than so many results; a tensor is one, whatever its length.
    """
    each: Iterator[Any] = iter(())
    with suppress(TypeError):
        each = iter(() if isinstance(result, Tensor) else result)
    items = list(itertools.islice(each, len(names) + 1))
    if len(items) == len(names):
        return items
    with _NoTorchFunction():
        what = f"a tensor of shape {tuple(result.shape)}" if isinstance(result, Tensor) else f"{type(result).__name__}"
    if isinstance(result, tuple | list):
        what = f"a {type(result).__name__} of {len(result)}"
    raise TypeError(f"expected {' and '.join(names)}, got {what.removesuffix('Type')}")


def stacked(outputs: Any) -> Any:
    """The outputs of all steps as one tensor, also where they come as a list of tensors of one shape.

    A list where one tensor was asked for costs the law that compares structure; gradients are the same through both.
    """
    each = tensors_in(outputs) if isinstance(outputs, list | tuple) else []
    return torch.stack(each) if each and len({tensor.shape for tensor in each}) == 1 else outputs


def joined(first: Any, rest: Any) -> Any:
    """The outputs of two pieces as one; a list or a tuple, where they come as such."""
    if type(first) in (list, tuple) and type(rest) is type(first):
        return type(first)([*first, *rest])
    return torch.cat([first, rest])


def observe_pair(observe: Callable[..., None], name: str, before: Any, now: Any) -> None:
    """Observes a copy from before and what it has become, which must be the same.

    Where they are, to the last bit and flag, that is observed in short: to write down all numbers takes long.
    """
    with _NoTorchFunction():
        same = _alike(before, now)
    if same:
        before = now = AS_IT_WAS
    observe(**{name: _with_classes_told(before, before)})
    observe(**{name: _with_classes_told(now, before)})


def _with_classes_told(now: Any, before: Any) -> Any:
    """What has become of something, with words in the place of classes, of which observers show only that they are."""
    if isinstance(now, type):
        return "the class it had" if now is before else "another class"
    if type(now) is type(before) is dict:
        told: Any = {key: _with_classes_told(value, before.get(key)) for key, value in now.items()}
        return now if all(map(operator.is_, told.values(), now.values())) else told
    if type(now) is type(before) is list and len(now) == len(before):
        told = [*map(_with_classes_told, now, before)]
        return now if all(map(operator.is_, told, now)) else told
    return now


def _alike(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, Tensor):
        if any(get(one) != get(other) for get in _flags):
            return False
        if one.is_meta or _equal(one, other):
            return True
        return one.is_floating_point() and _allclose(one, other, 0.0, 0.0, True)  # NaN is NaN here
    if isinstance(one, dict):
        return list(one) == list(other) and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return one is other or (isinstance(one, str | int | float) and one == other)


def collect() -> None:
    """Collects garbage, of which nobody is told."""
    told, gc.callbacks[:] = gc.callbacks[:], []
    try:
        gc.collect()
    finally:
        gc.callbacks[:] = told


def live_tensors() -> int:
    """How many tensors, and memories of tensors, Python holds but for those of before the worker was ready."""
    collect()
    kinds = map(type, get_objects())
    return sum(map(issubclass, kinds, itertools.repeat((Tensor, _Storage))))  # by C: there may be thousands


def still_alive(references: list[weakref.ref[Tensor]]) -> bool:
    """Whether any of the tensors is still held by somebody, once the caller has let go of them."""
    if any(reference() is not None for reference in references):
        collect()
    return any(reference() is not None for reference in references)


def anything_kept(references: list[weakref.ref[Tensor]], *, counts: bool) -> bool:
    """Whether somebody holds any of the tensors, or, where it ``counts`` all (which takes long), any tensor at all."""
    return still_alive(references) or (counts and live_tensors() > 0)


def plain(value: Any, depth: int = 0) -> Any:
    """What a submission returned, to be used as what it is.

    A tensor of a class of its own becomes a plain one that shares its memory and its graph; a tuple, list or dict of a
    class of its own, which may say itself what is in it, becomes a plain one of what it holds. All else stays the
    object that it is, and so does what is larger than an observer writes down.
    """
    kind = type(value)
    if issubclass(kind, Tensor):
        return value if kind is Tensor or kind is nn.Parameter else _as_plain_tensor(value)
    base = next((each for each in _CONTAINERS if issubclass(kind, each)), None)
    if base is None or depth > MAX_DEPTH or base.__len__(value) > MAX_VALUES:
        return value
    items = [*(dict.values(value) if base is dict else base.__iter__(value))]
    made_plain = [plain(item, depth + 1) for item in items]
    if was_there(kind) and all(map(operator.is_, items, made_plain)):
        return value
    return dict(zip(dict.keys(value), made_plain, strict=True)) if base is dict else base(made_plain)


def with_plain_results(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, of which the results are ``plain``; a profiler that it leaves on sees nothing further."""

    def call(*args: Any, **named: Any) -> Any:
        try:
            return plain(function(*args, **named))
        finally:
            if _profiler() is not None:
                _profile(None)
            if _monitoring is not None and _monitoring.get_tool(_monitoring.PROFILER_ID) is not None:
                _monitoring.set_events(_monitoring.PROFILER_ID, 0)

    return call


def _as_plain_tensor(value: Tensor) -> Tensor:
    with _NoTorchFunction():
        try:
            return _as_subclass(value, Tensor)
        except (RuntimeError, NotImplementedError, TypeError):  # who observes it says that it can't be read
            return value


def numel(tensor: Tensor) -> int:
    """How many numbers a tensor has, whatever mode a submission has switched on to say so."""
    with _NoTorchFunction():
        return _numel(tensor)


def tensors_in(value: Any) -> list[Tensor]:
    """All tensors in a nesting of tuples, lists and dicts, in order."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, tuple | list):
        return [tensor for item in value for tensor in tensors_in(item)]
    return []


def weighted_sum(value: Any, *, seed: int = 1) -> Tensor:
    """A scalar in which every number of ``value`` has a weight of its own (drawn from ``seed``, by position).

    Its gradient tells apart what a plain sum would not: swapped steps, sequences or features.
    """
    total: Tensor | None = None
    for index, tensor in enumerate(tensors_in(value)):
        weights = _randn(tensor.shape, generator=_Generator().manual_seed(seed + index), dtype=torch.float64)
        term = (tensor * weights.to(tensor)).sum()
        total = term if total is None else total + term
    if total is None:
        raise TypeError("there is no tensor in it to take a gradient of")
    return total


def gradients(of: Any, *, to: Any, seed: int = 1) -> Gradients:
    """Gradients of ``weighted_sum(of)`` with respect to every tensor in ``to``; ``None`` where none arrives.

    Nothing in ``of`` that hangs on a graph means that no gradient arrives anywhere. The graph is kept.
    """
    targets = tensors_in(to)
    if not targets:
        return []
    total = weighted_sum(of, seed=seed)
    if not total.requires_grad:
        return [None] * len(targets)
    return list(_grad(total, targets, allow_unused=True, retain_graph=True))


def gradients_by_name(of: Any, *, to: Mapping[str, Any]) -> dict[str, Any]:
    """``gradients`` with respect to several groups of tensors in one backward pass, by the groups' names.

    A tensor gives its gradient, a dict a dict, any other group a list; where no gradient is required, it is ``None``.
    Where torch can't go back through the graph, each name gives the error as a value (``Refused``): what else the run
    shows is then still seen.
    """
    wanted = [tensor for tensor in tensors_in(dict(to)) if tensor.requires_grad]
    try:
        each = gradients(of, to=wanted)
    except RuntimeError as error:
        error.__traceback__ = None  # its frames would keep what is observed alive
        return dict.fromkeys(to, Refused(error, NoError))
    arrived = {id(tensor): gradient for tensor, gradient in zip(wanted, each, strict=True)}
    found: dict[str, Any] = {}
    for name, group in to.items():
        each = [arrived.get(id(tensor)) for tensor in tensors_in(group)]
        found[name] = each
        if isinstance(group, Tensor):
            (found[name],) = each
        elif isinstance(group, dict):
            found[name] = dict(zip(group, each, strict=True))
    return found


class Refused:
    """A call that raised, with what it should have raised."""

    def __init__(self, error: Exception, expected: type[Exception]) -> None:
        self.error = error
        self.expected = expected


class NoError(Exception):
    """What is expected of a call that must not raise."""


class Accepted:
    """A call that should have raised and did not."""

    def __init__(self, expected: type[Exception]) -> None:
        self.expected = expected


def attempt(call: Callable[[], Any], *, refused_with: type[Exception]) -> Refused | Accepted:
    """Makes a call that must be refused, and says what came of it; observe the result under a name of its own."""
    try:
        call()
    except Exception as error:
        return Refused(error, refused_with)
    return Accepted(refused_with)
