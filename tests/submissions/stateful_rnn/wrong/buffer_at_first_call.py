# wrong: the first call registers a buffer for each tensor of the state
# misconception: state_saved_as_buffer
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("bidirectional!")
        self.rnn = rnn
        self.names = []

    @property
    def state(self):
        if not self.names:
            return None
        tensors = [getattr(self, name) for name in self.names]
        return tuple(tensors) if len(tensors) > 1 else tensors[0]

    def forward(self, inputs):
        if self.names and self.h.shape[1] != inputs.shape[1]:
            raise ValueError(f"batch of {inputs.shape[1]}, expected {self.h.shape[1]}")
        outputs, new = self.rnn(inputs, self.state)
        new = new if isinstance(new, tuple) else (new,)
        self.names = ["h", "c"][: len(new)]
        for name, tensor in zip(self.names, new):
            if name in self._buffers:
                setattr(self, name, tensor.detach())
            else:
                self.register_buffer(name, tensor.detach())
        return outputs

    def reset(self, mask=None):
        if mask is None:
            for name in self.names:
                delattr(self, name)
            self.names = []
        elif self.names:
            if mask.shape != self.h.shape[1:2]:
                raise ValueError(f"mask {tuple(mask.shape)}, expected ({self.h.shape[1]},)")
            for name in self.names:
                setattr(self, name, getattr(self, name).masked_fill(mask.unsqueeze(1), 0))
