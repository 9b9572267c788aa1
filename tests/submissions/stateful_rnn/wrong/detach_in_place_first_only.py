# wrong: detach_() on the first tensor of the state only
# misconception: cut_only_h
from torch import nn


def first(state):
    return state[0] if isinstance(state, tuple) else state


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("two directions do not make a stream")
        self.rnn = rnn
        self.memory = None

    @property
    def state(self):
        return self.memory

    def forward(self, inputs):
        if self.memory is not None and first(self.memory).shape[1] != inputs.shape[1]:
            raise ValueError("wrong batch size, reset() first")
        outputs, memory = self.rnn(inputs, self.memory)
        first(memory).detach_()
        self.memory = memory
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.memory = None
        elif self.memory is not None:
            if mask.shape != first(self.memory).shape[1:2]:
                raise ValueError("wrong mask shape")
            if isinstance(self.memory, tuple):
                h, c = self.memory
                self.memory = (h.masked_fill(mask[:, None], 0), c.masked_fill(mask[:, None], 0))
            else:
                self.memory = self.memory.masked_fill(mask[:, None], 0)
