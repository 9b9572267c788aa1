"""Cases as data: what one run needs, frozen and JSON both ways, with no tensor in it.

Tensors are made where a case runs (``grader.execution.materials``), from seeds: one seed for the weights of a
module, one for every sequence of a batch. So a case can be changed in one sequence and in nothing else.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Self

Kind = Literal["RNN", "GRU", "LSTM"]

_CHANGED = 100_003  # added to a seed to draw the same sequence with other numbers
NUMBER_STEP = 1_000_000  # added to a seed for the next tensor of the same sequence
# what may be special about inputs (``Case["special"]``)
MANY_STEPS = "many steps"
SQUARE = "as many steps as sequences"
WITHOUT_GRADIENT = "inputs without gradient"
FROZEN = "frozen parameters"  # none of a module's, or a cell's, requires a gradient
ZERO_STEP = "a step of zeros"
FACTORS = {ZERO_STEP: 0, "a step of ten thousands": 10_000}  # of the last step


@dataclass(frozen=True, kw_only=True, slots=True)
class RnnSpec:
    """An ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``, its mode, and the seed its weights are drawn with."""

    kind: Kind
    input_size: int
    hidden_size: int
    num_layers: int = 1
    bidirectional: bool = False
    batch_first: bool = False
    proj_size: int = 0
    bias: bool = True
    nonlinearity: Literal["tanh", "relu"] = "tanh"
    seed: int = 0
    training: bool = True

    @property
    def directions(self) -> int:
        """D: 2 for a bidirectional module, else 1."""
        return 2 if self.bidirectional else 1

    @property
    def state_features(self) -> int:
        """Features of ``h``: ``proj_size`` where the module projects, else ``hidden_size``."""
        return self.proj_size or self.hidden_size

    @property
    def cell_input_sizes(self) -> tuple[int, ...]:
        """Features that each cell of the module reads: layer by layer, in each forward before backward."""
        above = (self.hidden_size * self.directions,) * self.directions
        return (self.input_size,) * self.directions + above * (self.num_layers - 1)

    def spelled(self, dtype: str) -> str:
        """The constructor call, as a person would write it."""
        arguments = [str(self.input_size), str(self.hidden_size)]
        for each in dataclasses.fields(self):
            value = getattr(self, each.name)
            if each.name not in ("kind", "input_size", "hidden_size", "seed", "training") and value != each.default:
                arguments.append(f"{each.name}={value!r}")
        return f"nn.{self.kind}({', '.join(arguments)}, dtype=torch.{dtype}){self.mode}"

    @property
    def mode(self) -> str:
        """What a person would call to put the module, or a cell of it, into its mode."""
        return "" if self.training else ".eval()"


@dataclass(frozen=True, kw_only=True, slots=True)
class Batched:
    """What all parts with one seed a sequence have in common; ``poisoned`` sequences are filled with NaN."""

    seeds: tuple[int, ...]
    poisoned: tuple[int, ...] = ()

    @property
    def batch_size(self) -> int:
        """B, the number of sequences."""
        return len(self.seeds)

    def of_size(self, batch_size: int) -> Self:
        """As many sequences as ``batch_size``, of which the first is the same."""
        first, *_ = self.seeds
        return dataclasses.replace(self, seeds=tuple(range(first, first + batch_size)))

    def changed(self, sequence: int) -> Self:
        """The same but for the numbers of one sequence."""
        seeds = tuple(seed + _CHANGED * (index == sequence) for index, seed in enumerate(self.seeds))
        return dataclasses.replace(self, seeds=seeds)

    def permuted(self, order: tuple[int, ...]) -> Self:
        """The same sequences in another order: what stood at ``order[i]`` comes to stand at ``i``."""
        poisoned = tuple(order.index(i) for i in self.poisoned)
        return dataclasses.replace(self, seeds=tuple(self.seeds[i] for i in order), poisoned=poisoned)

    def with_nan(self, sequence: int) -> Self:
        """The same but for one sequence, which holds NaN only."""
        return dataclasses.replace(self, poisoned=(*self.poisoned, sequence))


@dataclass(frozen=True, kw_only=True, slots=True)
class Sequences(Batched):
    """A batch of sequences: ``lengths[i]`` steps of ``features`` numbers for sequence i.

    The last step of the sequences in ``silent`` is all zeros, as padding is, and yet belongs to them.
    """

    lengths: tuple[int, ...]
    features: int
    silent: tuple[int, ...] = ()

    def permuted(self, order: tuple[int, ...]) -> Self:
        """As for every batched part; the lengths go with their sequences."""
        lengths = tuple(self.lengths[i] for i in order)
        silent = tuple(new for new, old in enumerate(order) if old in self.silent)
        return dataclasses.replace(Batched.permuted(self, order), lengths=lengths, silent=silent)


@dataclass(frozen=True, kw_only=True, slots=True)
class State(Batched):
    """An initial state, drawn sequence by sequence; an LSTM's pair comes in ``container``."""

    container: Literal["tuple", "list"] = "tuple"


@dataclass(frozen=True, kw_only=True, slots=True)
class Windows(Batched):
    """Consecutive windows of one batch of long sequences: window w has ``lengths[w]`` steps."""

    lengths: tuple[int, ...]
    features: int
    targets: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call of a program: the name of what is called and its arguments."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Program(Batched):
    """A sequence of calls on one or more objects; tensors of the calls are drawn sequence by sequence."""

    calls: tuple[Call, ...]


_PARTS = {part.__name__: part for part in (RnnSpec, Sequences, State, Windows, Call, Program)}

Part = Any  # one of the classes above, or plain JSON: None, bool, int, float, str, tuples and dicts of these


@dataclass(frozen=True, kw_only=True)
class Case:
    """One run's whole input.

    ``parts`` are the exercise's own (an ``RnnSpec``, ``Sequences``, plain numbers, ...); ``options`` say how the
    run is to be done (where it is cut, what is measured) and are set by properties when they ask for variants.
    """

    parts: Mapping[str, Part]
    dtype: str = "float64"
    device: str = "cpu"
    options: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Part:
        return self.parts[name]

    @property
    def batch_size(self) -> int:
        """The number of sequences in the first batched part; 0 where there is none."""
        return next((part.batch_size for part in self.parts.values() if isinstance(part, Batched)), 0)

    def with_parts(self, **parts: Part) -> Case:
        """The case with some parts replaced."""
        return dataclasses.replace(self, parts={**self.parts, **parts})

    def with_options(self, **options: Any) -> Case:
        """The case with some options set."""
        return dataclasses.replace(self, options={**self.options, **options})

    def on(self, *, dtype: str | None = None, device: str | None = None) -> Case:
        """The case with another dtype or on another device."""
        return dataclasses.replace(self, dtype=dtype or self.dtype, device=device or self.device)

    def with_sequence_changed(self, sequence: int) -> Case:
        """Every batched part changed in one sequence, nothing else touched."""
        return self._each_batched(lambda part: part.changed(sequence))

    def permuted(self, order: tuple[int, ...]) -> Case:
        """Every batched part in another order of its sequences."""
        return self._each_batched(lambda part: part.permuted(order))

    def with_nan_in(self, sequence: int) -> Case:
        """Every batched part filled with NaN in one sequence."""
        return self._each_batched(lambda part: part.with_nan(sequence))

    def shortened(self, steps: int) -> Case:
        """No sequence and no window longer than so many steps."""

        def short(part: Batched) -> Batched:
            if not isinstance(part, Sequences | Windows):
                return part
            return dataclasses.replace(part, lengths=tuple(min(each, steps) for each in part.lengths))

        return self._each_batched(short)

    def _each_batched(self, change: Callable[[Batched], Batched]) -> Case:
        parts = {name: change(part) if isinstance(part, Batched) else part for name, part in self.parts.items()}
        return dataclasses.replace(self, parts=parts)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data; ``Case.from_json`` reads it back to an equal case."""
        return {
            "parts": {name: _to_json(part) for name, part in self.parts.items()},
            "dtype": self.dtype,
            "device": self.device,
            "options": _to_json(dict(self.options)),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Case:
        """The case that ``to_json`` wrote. Raises ``ValueError`` where the data are not such a case."""
        try:
            parts = {name: _from_json(part) for name, part in data["parts"].items()}
            options = _from_json(data.get("options", {}))
            return cls(parts=parts, dtype=data["dtype"], device=data["device"], options=options)
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"not a case: {error!r}") from error

    @cached_property
    def key(self) -> str:
        """The case as a text of JSON, which two cases share if and only if they are the same run."""
        return json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))


def _to_json(part: Part) -> Any:
    if dataclasses.is_dataclass(part):
        fields = {f.name: _to_json(getattr(part, f.name)) for f in dataclasses.fields(part)}
        return {"part": type(part).__name__, **fields}
    if isinstance(part, Mapping):
        return {key: _to_json(value) for key, value in part.items()}
    if isinstance(part, tuple | list):
        return [_to_json(value) for value in part]
    return part


def _from_json(data: Any) -> Part:
    if isinstance(data, list):
        return tuple(_from_json(value) for value in data)
    if isinstance(data, dict):
        fields = {key: _from_json(value) for key, value in data.items() if key != "part"}
        return _PARTS[data["part"]](**fields) if "part" in data else fields
    return data


def zeros_may_be_right(case: Case) -> bool:
    """Whether outputs and state of cells may well be zeros: of relu, and, without biases, where the inputs are."""
    return case["rnn"].nonlinearity == "relu" or (case["special"] == ZERO_STEP and not case["rnn"].bias)
