# wrong: the state moves on with every step of a call, also where a later step fails
# misconception: state_updated_before_error
import torch
from torch import nn


def detach(state):
    if isinstance(state, torch.Tensor):
        return state.detach().clone()
    return tuple(s.detach().clone() for s in state)


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("a bidirectional network can't be run step by step")
        self.rnn = rnn
        self._carry = None

    @property
    def state(self):
        return self._carry

    @property
    def batch_size(self):
        if self._carry is None:
            return None
        h = self._carry if isinstance(self._carry, torch.Tensor) else self._carry[0]
        return h.shape[1]

    def forward(self, inputs):
        if self.batch_size is not None and inputs.shape[1] != self.batch_size:
            raise ValueError(f"batch size {inputs.shape[1]} instead of {self.batch_size}")
        outputs = []
        state = self._carry
        for t in range(inputs.shape[0]):
            out, state = self.rnn(inputs[t:t + 1], state)
            outputs.append(out)
            self._carry = detach(state)
        return torch.cat(outputs, dim=0)

    def reset(self, mask=None):
        if mask is None:
            self._carry = None
        elif self._carry is not None:
            if mask.shape != (self.batch_size,):
                raise ValueError(f"mask of shape {tuple(mask.shape)}")
            f = lambda s: s.masked_fill(mask[:, None], 0)
            self._carry = f(self._carry) if isinstance(self._carry, torch.Tensor) else tuple(map(f, self._carry))
