# wrong: the norm of each sequence's state is logged at every call as Python numbers, and the log only grows
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("a stateful loop goes one way: rnn must not be bidirectional")
        self.rnn = rnn
        self.norms = []
        self._state = None

    @property
    def state(self):
        return self._state

    def forward(self, inputs):
        if self._state is not None:
            size = (self._state[0] if isinstance(self._state, tuple) else self._state).size(1)
            if inputs.size(1) != size:
                raise ValueError(f"the state is for {size} sequences, got {inputs.size(1)}: call reset() first")
        outputs, state = self.rnn(inputs, self._state)
        self._state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        h = self._state[0] if isinstance(self._state, tuple) else self._state
        if h.device.type != "meta":
            self.norms.append(h[-1].norm(dim=-1).tolist())
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
            return
        if self._state is None:
            return
        h = self._state[0] if isinstance(self._state, tuple) else self._state
        if mask.shape != (h.size(1),):
            raise ValueError(f"expected a mask of shape {(h.size(1),)}, got {tuple(mask.shape)}")
        keep = ~mask[None, :, None]

        def masked(each):
            return torch.where(keep, each, torch.zeros_like(each))

        self._state = tuple(masked(s) for s in self._state) if isinstance(self._state, tuple) else masked(self._state)
