# right: recursion over tensors and tuples
import torch
from torch import nn


def apply(f, state):
    """f on every tensor of the state."""
    if state is None:
        return None
    if torch.is_tensor(state):
        return f(state)
    return tuple(apply(f, s) for s in state)


def width(state):
    return state.shape[1] if torch.is_tensor(state) else width(state[0])


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("bidirectional")
        self.rnn = rnn
        self._state = None

    @property
    def state(self):
        return self._state

    @state.setter
    def state(self, value):
        self._state = apply(torch.Tensor.detach, value)

    def forward(self, inputs):
        if self.state is not None and width(self.state) != inputs.shape[1]:
            raise ValueError(f"{inputs.shape[1]} sequences, {width(self.state)} states")
        outputs, self.state = self.rnn(inputs, self.state)
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.state = None
        elif self.state is not None:
            if mask.shape != torch.Size([width(self.state)]):
                raise ValueError(f"mask {tuple(mask.shape)}, {width(self.state)} states")
            self.state = apply(lambda s: s.masked_fill(mask.unsqueeze(-1), 0), self.state)
