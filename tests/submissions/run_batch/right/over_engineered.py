# right: over-engineered, type-annotated, frozen dataclasses and an error of its own
from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Sequence, Tuple, Union

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence, pad_packed_sequence

State = Union[Tensor, Tuple[Tensor, Tensor]]


class EmptyBatchError(ValueError):
    """Raised when there is no sequence to run."""


@dataclass(frozen=True)
class Batch:
    packed: PackedSequence
    lengths: Tuple[int, ...]

    @classmethod
    def of(cls, sequences: Sequence[Tensor]) -> Batch:
        if len(sequences) == 0:
            raise EmptyBatchError("`sequences` must hold at least one tensor of shape (T_i, I)")
        packed = pack_sequence(list(sequences), enforce_sorted=False)
        return cls(packed, tuple(s.shape[0] for s in sequences))

    def unpad(self, packed_output: PackedSequence) -> list[Tensor]:
        padded, _ = pad_packed_sequence(packed_output, batch_first=True)
        return [row.narrow(0, 0, n).clone() for row, n in zip(padded.unbind(0), self.lengths)]


class BatchRunner:
    def __init__(self, rnn: nn.RNNBase) -> None:
        self._rnn = rnn

    def __call__(self, batch: Batch, state: Optional[State]) -> tuple[list[Tensor], State]:
        if isinstance(state, list):
            state = (state[0], state[1])
        packed_output, final = self._rnn(batch.packed, state)
        return batch.unpad(packed_output), final


def run_batch(
    rnn: nn.RNNBase, sequences: list[Tensor], state: Optional[State] = None
) -> tuple[list[Tensor], State]:
    """Runs sequences of different lengths as one batch; see `BatchRunner`."""
    return BatchRunner(rnn)(Batch.of(sequences), state)
