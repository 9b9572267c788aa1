# MISTAKE: the axis that the mask belongs to is looked for by its size, and the first axis of that size is taken. If the
#   network has as many layers as there are sequences, that is the layer axis: layers are cleared instead of sequences.
# BREAKS: "reset(mask), a boolean tensor (B,), starts those sequences anew ... and leaves the others bit for bit."
# SHOWN BY: nn.GRU(2, 4, num_layers=3) with B = 3: reset([False, True, False]) clears layer 1 of all sequences. With L != B
#   it is right.
import torch
from torch import nn


def clear(tensor, mask):
    axis = list(tensor.shape).index(mask.shape[0])
    shape = [1, 1, 1]
    shape[axis] = -1
    return tensor.masked_fill(mask.to(tensor.device).view(shape), 0)


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("bidirectional networks have no state to go on from")
        self.rnn = rnn
        self._state = None

    def _now(self):
        if self._state is None:
            return None
        like = next(self.rnn.parameters()).detach()
        return tuple(t.to(like) for t in self._state)

    @property
    def state(self):
        now = self._now()
        return now if now is None or len(now) == 2 else now[0]

    def forward(self, inputs):
        if self._state is not None and inputs.shape[1] != self._state[0].shape[1]:
            raise ValueError("another batch size: reset() first")
        outputs, new = self.rnn(inputs, self.state)
        new = new if isinstance(new, tuple) else (new,)
        self._state = tuple(t.detach() for t in new)
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
        elif self._state is not None:
            if mask.shape != (self._state[0].shape[1],):
                raise ValueError("the mask must be (B,)")
            self._state = tuple(clear(t, mask) for t in self._state)
