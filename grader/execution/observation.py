"""What a worker sees and sends: values as structure and raw bytes, and the state of memory at that moment.

Runs beside a submission, so it trusts nothing that a submission could replace: tensors are read by the C-level
methods, taken when this module is imported, with ``__torch_function__`` of subclasses disabled; what isn't a plain
tensor even then is sent as an opaque value.
"""

from __future__ import annotations

import builtins
import ctypes
import gc
import os
import sys
import threading
import time
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from safetensors import numpy as safetensors_numpy

from grader.execution.materials import Accepted, Refused, collect, tensors_in
from grader.execution.protocol import MAX_AXES, MAX_BLOB_BYTES, MAX_DEPTH, MAX_NAMES, MAX_TEXT, MAX_VALUES, as_text

_Base = torch._C.TensorBase
_Tensor = torch.Tensor
_Parameter = torch.nn.Parameter
_as_subclass = _Base.as_subclass
_detach = _Base.detach
_cpu = _Base.cpu
_is_contiguous = _Base.is_contiguous
_numpy = _Base.numpy
_resolve_conj = _Base.resolve_conj
_resolve_neg = _Base.resolve_neg
_to_dense = _Base.to_dense
_view = _Base.view
_numel = _Base.numel
_element_size = _Base.element_size
# attributes too: what a submission puts on torch.Tensor would hide them
_shape, _dtype, _device, _layout, _requires_grad, _grad_fn = (
    getattr(_Base, name).__get__ for name in ("shape", "dtype", "device", "layout", "requires_grad", "grad_fn")
)
_view_as_real = torch.view_as_real
_strided, _complex32, _bfloat16, _int16 = torch.strided, torch.complex32, torch.bfloat16, torch.int16
_concatenate = np.concatenate
_BUILT_IN = dict(vars(builtins))


def _private(module: types.ModuleType) -> dict[str, Any]:
    """What stands in a module, its functions as copies that look for one another there and not in the module."""
    own = dict(vars(module))
    for name, value in vars(module).items():
        if type(value) is types.FunctionType:
            own[name] = types.FunctionType(value.__code__, own, name, value.__defaults__, value.__closure__)
    return own


_save: Callable[[dict[str, np.ndarray]], bytes] = _private(safetensors_numpy)["save"]
_NoTorchFunction = torch._C.DisableTorchFunction  # neither of subclasses nor of modes
_made = gc.get_count
_object_blocks = sys.getallocatedblocks
_listdir, _threads, _sleep = os.listdir, threading.active_count, time.sleep

_names_of_dtypes = {
    each: str(each).removeprefix("torch.") for each in vars(torch).values() if type(each) is torch.dtype
}

_MAX_VALUES = MAX_VALUES // 2  # the grader takes more, so that it also takes what says that there was more
MAX_NAME = 80  # characters
_MAX_TEXTS = 50_000  # characters in one trace, each of which may take 12 bytes of JSON
_MAX_NODES = 20_000
_MANY_OBJECTS = 20_000  # that garbage may be among; it is not collected by itself
_MOST_WAITS, _WAIT_SECONDS = 20, 0.001
_MAX_BYTES = MAX_BLOB_BYTES - 4_096


@dataclass(frozen=True, kw_only=True, slots=True)
class Encoder:
    """Turns values into JSON and gathers the numbers of their tensors, those of a dtype one behind the other.

    What would make a trace larger than the grader reads becomes an opaque value, with which the trace ends.

    Attributes:
        encode: one value, to any depth of tuples, lists and dicts, as JSON; plain values are what they are in JSON.
        blob: the numbers of all tensors so far, as one safetensors block: for each dtype one flat tensor of its name.
        begin: forgets all of it.
    """

    encode: Callable[[Any], Any]
    blob: Callable[[], bytes]
    begin: Callable[[], None]


def new_encoder() -> Encoder:
    """An encoder; functions within a function, because a submission could replace the methods of a class."""
    all_numbers: dict[np.dtype[Any], list[np.ndarray]] = {}
    values = characters = size = 0

    def begin() -> None:
        nonlocal values, characters, size
        all_numbers.clear()
        values = characters = size = 0

    def blob() -> bytes:
        return _save({kind.name: _concatenate(parts) for kind, parts in all_numbers.items()}) if all_numbers else b""

    def is_full() -> bool:
        return values >= _MAX_VALUES or characters >= _MAX_TEXTS

    def encode(value: Any, depth: int = 0) -> Any:
        nonlocal values
        if depth > MAX_DEPTH or is_full():
            return {"t": "opaque", "type": "a structure too deep or too large"}
        values += 1
        kind = type(value)
        if value is None or kind is bool or (kind is int and -(2**63) <= value < 2**63):
            return value
        if isinstance(value, float):
            return float.__float__(value)
        if kind is str:
            return text(value, MAX_TEXT)
        if isinstance(value, _Base):
            return tensor(value)
        if isinstance(value, tuple | list):
            base: Any = tuple if isinstance(value, tuple) else list
            _, items = several([], [*base.__iter__(value)], depth + 1)
            return {"t": "items", "base": base.__name__, "type": type_name(value), "items": items}
        if isinstance(value, dict):
            keys, items = several([*dict.keys(value)], [*dict.values(value)], depth + 1)
            return {"t": "table", "type": type_name(value), "keys": keys, "values": items}
        if kind is Refused:
            types = [text(name, MAX_NAME) for name in names_of_types(value.error, value.expected)]
            said = text(safe_text(value.error), MAX_TEXT)
            return {"t": "refused", "types": types, "expected": value.expected.__name__, "text": said}
        if kind is Accepted:
            return {"t": "accepted", "expected": value.expected.__name__}
        return {"t": "opaque", "type": type_name(value)}

    def several(keys: list[Any], items: list[Any], depth: int) -> tuple[list[str], list[Any]]:
        """What a container holds, with its keys where it has any, up to the first that there is no room for."""
        if are_plain(keys, items, depth):
            return keys, items
        names, encoded = [], []
        for index, item in enumerate(items):
            full = is_full()
            if keys:
                key = keys[index]
                names.append(text(key if type(key) is str else safe_text(key), MAX_NAME))
            encoded.append(encode(item, depth))
            if full:
                break
        return names, encoded

    def are_plain(keys: list[Any], items: list[Any], depth: int) -> bool:
        """Whether all is in JSON what it is here, and within bounds: quick, for most is; only then is it counted."""
        nonlocal values, characters
        if depth > MAX_DEPTH or values + len(items) >= _MAX_VALUES:
            return False
        of_texts = 0
        for item in items:
            kind = type(item)
            if kind is str and len(item) <= MAX_TEXT:
                of_texts += len(item)
            elif not (item is None or kind is bool or kind is float or (kind is int and -(2**63) <= item < 2**63)):
                return False
        for key in keys:
            if type(key) is not str or len(key) > MAX_NAME:
                return False
            of_texts += len(key)
        if characters + of_texts >= _MAX_TEXTS:
            return False
        values, characters = values + len(items), characters + of_texts
        return True

    def text(whole: str, most: int) -> str:
        nonlocal characters
        characters += len(whole[:most])
        return whole[:most]

    def type_name(value: object) -> str:
        return text(_name(type(value)), MAX_NAME)

    def tensor(value: Any) -> dict[str, Any]:
        with _NoTorchFunction():
            try:
                return plain_tensor(value)
            except (RuntimeError, NotImplementedError, TypeError, ValueError) as error:
                why = text(safe_text(error), 200)
                return {"t": "opaque", "type": f"{type_name(value)} that can't be read ({why})"}

    def plain_tensor(value: Any) -> dict[str, Any]:
        nonlocal values, size
        if type(value) is not _Tensor and type(value) is not _Parameter:
            value = _as_subclass(value, _Tensor)
        dtype, device, grad_fn = _dtype(value), _device(value), _grad_fn(value)
        strided, shape = _layout(value) is _strided, list(_shape(value))
        values += len(shape)
        if len(shape) > MAX_AXES:
            raise ValueError(f"it has {len(shape)} axes")
        encoded: dict[str, Any] = {
            "t": "tensor",
            "shape": shape,
            "dtype": _names_of_dtypes[dtype],
            "device": device.type,
            "contiguous": strided and _is_contiguous(value),
            "requires_grad": bool(_requires_grad(value)),
            "grad_fn": type_name(grad_fn) if grad_fn is not None else None,
            "numbers": device.type != "meta",
        }
        if device.type != "meta":
            own_size = _numel(value) * _element_size(value)
            if size + own_size > _MAX_BYTES:
                return {"t": "opaque", "type": "a tensor too large to be compared"}
            size += own_size
            if dtype is _complex32:
                raise TypeError("numpy has no such type")
            data = _cpu(_detach(value))
            data = _resolve_neg(_resolve_conj(data if strided else _to_dense(data)))
            if dtype.is_complex:
                data = _view_as_real(data)
            elif dtype is _bfloat16:  # numpy has no such type: its bits travel as integers
                data = _view(data, _int16)
            numbers = _numpy(data)
            all_numbers.setdefault(numbers.dtype, []).append(numbers.flatten())
        return encoded

    return Encoder(encode=encode, blob=blob, begin=begin)


@dataclass(frozen=True, kw_only=True, slots=True)
class Observer:
    """What watches one run after the other.

    Attributes:
        begin: ``begin(measures=..., device=..., pause=...)``: forgets the last run, and says how to look at the next.
        observe: what a drive calls as ``observe(name=value, ...)``: each call is one moment of the run, for which it
            records the named values and, where the run measures, memory.
        moments: the moments so far, each as the text of a JSON object, so that nobody can change what it holds.
        tampering: what a submission did to what stands here or to what it stands on, in words; see ``integrity``.
        blob: the bytes of all tensors observed.
    """

    begin: Callable[..., None]
    observe: Callable[..., None]
    moments: Callable[[], list[str]]
    tampering: Callable[[], str | None]
    blob: Callable[[], bytes]


def new_observer(changed: Callable[[], str | None] = lambda: None) -> Observer:
    """An observer of runs, which looks at each moment whether anything has ``changed``."""
    encoder = new_encoder()
    encode, forget = encoder.encode, encoder.begin
    moments: list[str] = []
    tampering: str | None = None
    measured, where = False, "cpu"
    stand_still: Callable[[], None] | None = None

    def begin(*, measures: bool, device: str, pause: Callable[[], None] | None) -> None:
        nonlocal tampering, measured, where, stand_still
        tampering, measured, where, stand_still = None, measures, device, pause
        moments.clear()
        forget()

    def observe(**named: Any) -> None:
        nonlocal tampering
        items = tuple(named.items())  # which nobody can change while what follows runs
        moment: dict[str, Any] = {}
        if measured:
            collect()
            wait_for_threads()
        elif _made()[0] > _MANY_OBJECTS:
            collect()
        # noted and not raised: in a hook the submission would be there to catch it
        tampering = tampering or changed()
        if measured:
            moment["heap"] = heap_bytes()
            moment["objects"] = _object_blocks()
            moment["device"] = device_bytes(where)
            moment["nodes"] = graph_nodes(items)
        if stand_still is not None:
            stand_still()
        # what is observed would itself be memory that is kept: only its name is
        moment["values"] = {name: None if measured else encode(value) for name, value in items}
        moments.append(as_text(moment))

    return Observer(
        begin=begin, observe=observe, moments=lambda: moments, tampering=lambda: tampering, blob=encoder.blob
    )


_FIELDS = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")


class _MallInfo2(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in _FIELDS]


def _mallinfo2() -> Callable[[], _MallInfo2] | None:
    try:
        function = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError, TypeError):  # not glibc 2.33 or later
        return None
    function.restype = _MallInfo2
    return function


_read_heap = _mallinfo2()


def heap_bytes() -> int | None:
    """Live bytes of the C heap, which holds the memory of CPU tensors and of the graph; ``None`` where unknown."""
    if _read_heap is None:
        return None
    info = _read_heap()
    return int(info.uordblks + info.hblkhd)


def device_bytes(device: str) -> int | None:
    """Live bytes of tensors on an accelerator; ``None`` where there is no count (the CPU, ``meta``)."""
    if device == "cuda":
        return int(torch.cuda.memory_allocated())
    if device == "mps":
        return int(torch.mps.current_allocated_memory())
    if device == "xpu":
        return int(torch.xpu.memory_allocated())
    return None


def wait_for_threads() -> None:
    """Waits a little for threads that have ended for Python and not yet for the system: till then they hold memory."""
    for _ in range(_MOST_WAITS):
        try:
            running = len(_listdir("/proc/self/task"))
        except OSError:  # it can't be told here
            return
        if running <= _threads():
            return
        _sleep(_WAIT_SECONDS)


def graph_nodes(value: Any) -> int:
    """Autograd nodes that can be reached from the tensors in ``value``, counted up to a limit."""
    waiting = [node for tensor in tensors_in(value) if (node := _grad_fn(tensor)) is not None]
    seen = set(waiting)
    while waiting and len(seen) < _MAX_NODES:
        for node, _ in waiting.pop().next_functions:
            if node is not None and node not in seen:
                seen.add(node)
                waiting.append(node)
    return len(seen)


def safe_text(value: object) -> str:
    """``str(value)``, bounded, even where it raises or gives a text of a class of its own."""
    try:
        return str.__getitem__(str(value), slice(MAX_TEXT))  # a str subclass may slice itself as it likes
    except BaseException as error:
        return f"<{_name(type(error))[:MAX_NAME]} while its text was made>"


def names_of_types(value: object, expected: type = Exception) -> list[str]:
    """Names of the class of an object and of its bases, most special first, whatever its metaclass claims."""
    return [_told(base, expected) for base in _mro(type(value))[:MAX_NAMES]]


def _told(kind: type, expected: type) -> str:
    """A class's name; of one that is called like Python's own, or like what is expected, and isn't, more than that."""
    name = _name(kind)[:MAX_NAME]
    meant = expected if name == _name(expected) else _BUILT_IN.get(name, kind)
    return name if meant is kind else f"another class called {name}"


_name: Callable[[type], str] = type.__dict__["__name__"].__get__
_mro: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
