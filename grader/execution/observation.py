"""What a worker sees and sends: values as structure and raw bytes, and the state of memory at that moment.

Runs beside a submission, so it trusts nothing that a submission could replace: tensors are read by the C-level
methods, taken when this module is imported, with ``__torch_function__`` of subclasses disabled; what isn't a plain
tensor even then is sent as an opaque value.
"""

from __future__ import annotations

import ctypes
import gc
import marshal
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save

from grader.execution.materials import Accepted, Refused, tensors_in
from grader.execution.protocol import MAX_AXES, MAX_BLOB_BYTES, MAX_DEPTH, MAX_NAMES, MAX_TEXT, MAX_VALUES

_Base = torch._C.TensorBase
_Tensor = torch.Tensor
_Parameter = torch.nn.Parameter
_as_subclass = _Base.as_subclass
_detach = _Base.detach
_cpu = _Base.cpu
_contiguous = _Base.contiguous
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
_NoTorchFunction = torch._C.DisableTorchFunction  # neither of subclasses nor of modes
_collect = gc.collect

_MAX_VALUES = MAX_VALUES // 2  # the grader takes more, so that it also takes what says that there was more
MAX_NAME = 80  # characters
_MAX_TEXTS = 50_000  # characters in one trace, each of which may take 12 bytes of JSON
_MAX_NODES = 20_000
_MAX_BYTES = MAX_BLOB_BYTES - 4_096


class Encoder:
    """Turns values into JSON and gathers the numbers of their tensors, those of a dtype one behind the other.

    What would make a trace larger than the grader reads becomes an opaque value, with which the trace ends.
    """

    def __init__(self) -> None:
        self._numbers: list[np.ndarray] = []
        self._values = 0
        self._characters = 0
        self._bytes = 0

    def blob(self) -> bytes:
        """The numbers of all tensors so far, as one safetensors block: for each dtype one flat tensor of its name."""
        by_dtype: dict[str, list[np.ndarray]] = {}
        for numbers in self._numbers:
            by_dtype.setdefault(numbers.dtype.name, []).append(numbers)
        return save({name: np.concatenate(parts) for name, parts in by_dtype.items()}) if by_dtype else b""

    def checksum(self, value: int, start: int = 0) -> int:
        """``value``, carried on over the numbers of all tensors from number ``start`` on."""
        for numbers in self._numbers[start:]:
            value = zlib.crc32(numbers.data, value)
        return value

    def __len__(self) -> int:
        return len(self._numbers)

    def _is_full(self) -> bool:
        return self._values >= _MAX_VALUES or self._characters >= _MAX_TEXTS

    def encode(self, value: Any, depth: int = 0) -> Any:
        """One value, to any depth of tuples, lists and dicts, as JSON; plain values are what they are in JSON."""
        if depth > MAX_DEPTH or self._is_full():
            return {"t": "opaque", "type": "a structure too deep or too large"}
        self._values += 1
        kind = type(value)
        if value is None or kind is bool or (kind is int and -(2**63) <= value < 2**63):
            return value
        if isinstance(value, float):
            return float.__float__(value)
        if kind is str:
            return self._text(value, MAX_TEXT)
        if isinstance(value, _Base):
            return self._tensor(value)
        if isinstance(value, tuple | list):
            base: Any = tuple if isinstance(value, tuple) else list
            items: list[Any] = []
            for item in base.__iter__(value):
                full = self._is_full()
                items.append(self.encode(item, depth + 1))
                if full:
                    break
            return {"t": "items", "base": base.__name__, "type": self._type_name(value), "items": items}
        if isinstance(value, dict):
            keys: list[str] = []
            values: list[Any] = []
            for key, item in dict.items(value):
                full = self._is_full()
                keys.append(self._text(key if type(key) is str else safe_text(key), MAX_NAME))
                values.append(self.encode(item, depth + 1))
                if full:
                    break
            return {"t": "table", "type": self._type_name(value), "keys": keys, "values": values}
        if kind is Refused:
            types = [self._text(name, MAX_NAME) for name in names_of_types(value.error)]
            text = self._text(safe_text(value.error), MAX_TEXT)
            return {"t": "refused", "types": types, "expected": value.expected.__name__, "text": text}
        if kind is Accepted:
            return {"t": "accepted", "expected": value.expected.__name__}
        return {"t": "opaque", "type": self._type_name(value)}

    def _text(self, text: str, most: int) -> str:
        self._characters += len(text[:most])
        return text[:most]

    def _type_name(self, value: object) -> str:
        return self._text(_name(type(value)), MAX_NAME)

    def _tensor(self, value: Any) -> dict[str, Any]:
        with _NoTorchFunction():
            try:
                return self._plain_tensor(value)
            except (RuntimeError, NotImplementedError, TypeError, ValueError) as error:
                why = self._text(safe_text(error), 200)
                return {"t": "opaque", "type": f"{self._type_name(value)} that can't be read ({why})"}

    def _plain_tensor(self, value: Any) -> dict[str, Any]:
        if type(value) is not _Tensor and type(value) is not _Parameter:
            value = _as_subclass(value, _Tensor)
        dtype, device, grad_fn = _dtype(value), _device(value), _grad_fn(value)
        strided, shape = _layout(value) is torch.strided, list(_shape(value))
        self._values += len(shape)
        if len(shape) > MAX_AXES:
            raise ValueError(f"it has {len(shape)} axes")
        encoded: dict[str, Any] = {
            "t": "tensor",
            "shape": shape,
            "dtype": str(dtype).removeprefix("torch."),
            "device": device.type,
            "contiguous": strided and _is_contiguous(value),
            "requires_grad": bool(_requires_grad(value)),
            "grad_fn": self._type_name(grad_fn) if grad_fn is not None else None,
            "numbers": device.type != "meta",
        }
        if device.type != "meta":
            size = _numel(value) * _element_size(value)
            if self._bytes + size > _MAX_BYTES:
                return {"t": "opaque", "type": "a tensor too large to be compared"}
            self._bytes += size
            if dtype is torch.complex32:
                raise TypeError("numpy has no such type")
            data = _cpu(_detach(value))
            data = _resolve_neg(_resolve_conj(data if strided else _to_dense(data)))
            if dtype.is_complex:
                data = _view_as_real(data)
            elif dtype is torch.bfloat16:  # numpy has no such type: its bits travel as integers
                data = _view(data, torch.int16)
            numbers = _numpy(_contiguous(data)).flatten()
            self._numbers.append(numbers)
        return encoded


class Observer:
    """What a drive calls as ``observe(name=value, ...)``: each call is one moment of the run."""

    def __init__(
        self,
        *,
        measures: bool,
        device: str,
        pause: Callable[[], None] | None,
        changed: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._encoder = Encoder()
        self._changed = changed
        self._tampering: str | None = None
        self._seal = self._numbers_seal = 0
        self._measures = measures
        self._device = device
        self._pause = pause
        self.moments: list[dict[str, Any]] = []

    def __call__(self, **named: Any) -> None:
        """Records the named values and, where the run measures, memory at this moment."""
        moment: dict[str, Any] = {}
        # noted and not raised: in a hook the submission would be there to catch it
        self._tampering = self._tampering or self._changed()
        if self._measures:
            _collect()
            moment["heap"] = heap_bytes()
            moment["device"] = device_bytes(self._device)
            moment["nodes"] = graph_nodes(named)
        if self._pause is not None:
            self._pause()
        if self._measures:  # what is observed would itself be memory that is kept: only its name is
            named = dict.fromkeys(named)
        known = len(self._encoder)
        moment["values"] = {name: self._encoder.encode(value) for name, value in named.items()}
        self.moments.append(moment)
        self._seal = _sealed(moment, self._seal)
        self._numbers_seal = self._encoder.checksum(self._numbers_seal, known)

    def tampering(self) -> str | None:
        """What a submission did to what stands here or to what it stands on, in words; see ``integrity``."""
        seal = 0
        for moment in self.moments:
            seal = _sealed(moment, seal)
        if self._tampering is None and (seal, self._encoder.checksum(0)) != (self._seal, self._numbers_seal):
            return "changed what the grader had already observed"
        return self._tampering

    def blob(self) -> bytes:
        """The bytes of all tensors observed."""
        return self._encoder.blob()


def _sealed(moment: dict[str, Any], seal: int) -> int:
    return zlib.crc32(marshal.dumps(moment, 2), seal)  # format 2, whose bytes depend on nothing but the values


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


def names_of_types(value: object) -> list[str]:
    """Names of the class of an object and of its bases, most special first, whatever its metaclass claims."""
    return [_name(base)[:MAX_NAME] for base in _mro(type(value))[:MAX_NAMES]]


_name: Callable[[type], str] = type.__dict__["__name__"].__get__
_mro: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
