# right: an explicit loop over the time steps, the state kept only at the end
import torch
from torch import nn


def cut(state):
    if isinstance(state, torch.Tensor):
        return state.detach().clone()
    h, c = state
    return h.detach().clone(), c.detach().clone()


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("cannot go step by step in two directions")
        self.rnn = rnn
        self._state = None

    @property
    def state(self):
        return self._state

    def batch_size(self):
        if isinstance(self._state, tuple):
            return self._state[0].shape[1]
        return self._state.shape[1]

    def forward(self, inputs):
        state = self._state
        if state is not None and inputs.shape[1] != self.batch_size():
            raise ValueError("other batch size than before, call reset() first")
        steps = []
        for t in range(inputs.shape[0]):
            output, state = self.rnn(inputs[t : t + 1], state)
            steps.append(output)
        outputs = torch.cat(steps, dim=0)
        self._state = cut(state)
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
            return
        if self._state is None:
            return
        if mask.dim() != 1 or mask.size(0) != self.batch_size():
            raise ValueError("wrong mask shape")
        state = cut(self._state)
        for s in state if isinstance(state, tuple) else [state]:
            s[:, mask] = 0.0
        self._state = state
