# right: a frozen dataclass validates itself, properties give the sizes
from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Sequence


@dataclass(frozen=True)
class Config:
    kind: str
    input_size: int
    hidden_size: int
    num_layers: int
    bidirectional: bool
    batch_first: bool
    proj_size: int

    def __post_init__(self) -> None:
        if self.kind not in {"RNN", "GRU", "LSTM"}:
            raise ValueError(f"unknown kind {self.kind!r}")
        for name in ("input_size", "hidden_size", "num_layers"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be greater than zero")
        if self.proj_size and self.kind != "LSTM":
            raise ValueError("proj_size is for LSTM only")
        if not 0 <= self.proj_size < self.hidden_size:
            raise ValueError("proj_size has to be in [0, hidden_size)")

    @property
    def rows(self) -> int:
        return self.num_layers * (2 if self.bidirectional else 1)

    @property
    def features(self) -> int:
        return self.proj_size or self.hidden_size

    def split(self, shape: Sequence[int]) -> tuple[int, tuple[int, ...]]:
        """Length of the sequence and the batch axes (one or none)."""
        if len(shape) not in (2, 3):
            raise ValueError(f"expected 2 or 3 dimensions, got {len(shape)}")
        if shape[-1] != self.input_size:
            raise ValueError(f"expected {self.input_size} features, got {shape[-1]}")
        if len(shape) == 2:
            return shape[0], ()
        return (shape[1], (shape[0],)) if self.batch_first else (shape[0], (shape[1],))


def predict_shapes(kind: str, input_shape: Sequence[int], *, input_size: int, hidden_size: int, num_layers: int = 1,
                   bidirectional: bool = False, batch_first: bool = False, proj_size: int = 0,
                   state_shape: Optional[Sequence[int]] = None) -> dict[str, Optional[tuple[int, ...]]]:
    config = Config(kind, input_size, hidden_size, num_layers, bidirectional, batch_first, proj_size)
    length, batch = config.split(input_shape)
    if length < 1:
        raise ValueError("expected at least one step")
    h = (config.rows, *batch, config.features)
    if state_shape is not None and tuple(state_shape) != h:
        raise ValueError(f"expected hidden size {h}, got {tuple(state_shape)}")
    return {
        "output": (*input_shape[:-1], config.features * (1 + bool(bidirectional))),
        "h": h,
        "c": (config.rows, *batch, config.hidden_size) if kind == "LSTM" else None,
    }
