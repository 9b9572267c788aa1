# right: over-engineered, a memory class and exceptions of its own
import abc
import logging

import torch
from torch import nn

log = logging.getLogger(__name__)


class StreamError(ValueError):
    """Anything the caller got wrong."""


class BatchSizeError(StreamError):
    pass


class MaskShapeError(StreamError):
    pass


class Memory(abc.ABC):
    def __init__(self, *tensors):
        self.tensors = tuple(tensor.detach() for tensor in tensors)

    @property
    def batch_size(self):
        return self.tensors[0].size(1)

    def forget(self, mask):
        if mask.ndim != 1 or len(mask) != self.batch_size:
            raise MaskShapeError(f"expected ({self.batch_size},), got {tuple(mask.shape)}")
        keep = torch.logical_not(mask)
        fresh = []
        for tensor in self.tensors:
            empty = torch.zeros_like(tensor)
            empty[:, keep] = tensor[:, keep]
            fresh.append(empty)
        return type(self)(*fresh)

    @abc.abstractmethod
    def as_state(self): ...


class SingleMemory(Memory):
    def as_state(self):
        return self.tensors[0]


class PairMemory(Memory):
    def as_state(self):
        return self.tensors


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise StreamError("the future of a stream is not known: unidirectional only")
        self.core = rnn
        self.memory = None

    @property
    def state(self):
        return None if self.memory is None else self.memory.as_state()

    def forward(self, inputs):
        if self.memory is not None and self.memory.batch_size != inputs.size(1):
            raise BatchSizeError(f"expected {self.memory.batch_size} sequences, got {inputs.size(1)}")
        outputs, state = self.core(inputs, self.state)
        self.memory = PairMemory(*state) if isinstance(state, tuple) else SingleMemory(state)
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.memory = None
        elif self.memory is None:
            log.debug("nothing to reset")
        else:
            self.memory = self.memory.forget(mask)
