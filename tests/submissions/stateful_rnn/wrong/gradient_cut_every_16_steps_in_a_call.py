# MISTAKE: a long chunk is run in pieces of 16 steps, and the state is cut between the pieces too. Values are right, and so
#   are the gradients of calls with up to 16 steps.
# BREAKS: "Within a call gradients flow through every step." ("the gradient ends where this call began").
# SHOWN BY: a call with T = 20: the gradient of outputs[-1] with respect to inputs[0] is exactly zero.
import torch
from torch import nn

WINDOW = 16  # steps of backpropagation


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("one direction only")
        self.rnn = rnn
        self._state = []

    def _as_argument(self, tensors):
        if not tensors:
            return None
        like = next(self.rnn.parameters())
        tensors = [t.to(like.device, like.dtype) for t in tensors]
        return tuple(tensors) if len(tensors) == 2 else tensors[0]

    @property
    def state(self):
        return self._as_argument(self._state)

    def forward(self, inputs):
        if self._state and self._state[0].shape[1] != inputs.shape[1]:
            raise ValueError("the batch size has changed")
        tensors, outputs = self._state, []
        for piece in inputs.split(WINDOW):
            out, new = self.rnn(piece, self._as_argument(tensors))
            tensors = [t.detach() for t in (new if isinstance(new, tuple) else (new,))]
            outputs.append(out)
        self._state = tensors
        return torch.cat(outputs)

    def reset(self, mask=None):
        if mask is None:
            self._state = []
        elif self._state:
            if mask.shape != self._state[0].shape[1:2]:
                raise ValueError("the mask needs one entry a sequence")
            self._state = [t.masked_fill(mask.to(t.device)[None, :, None], 0.0) for t in self._state]
