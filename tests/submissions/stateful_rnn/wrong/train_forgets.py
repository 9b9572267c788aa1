# wrong: train() and eval() reset the state
# misconception: mode_resets_state
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        self.hidden = None

    @property
    def state(self):
        return self.hidden

    def train(self, mode=True):
        # a new phase starts with a clean state
        self.hidden = None
        return super().train(mode)

    def batch(self):
        return self.hidden[0].shape[1] if isinstance(self.hidden, tuple) else self.hidden.shape[1]

    def forward(self, inputs):
        if self.hidden is not None and self.batch() != inputs.shape[1]:
            raise ValueError(f"batch size {inputs.shape[1]}, state for {self.batch()}")
        outputs, hidden = self.rnn(inputs, self.hidden)
        self.hidden = tuple(map(torch.detach, hidden)) if isinstance(hidden, tuple) else hidden.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.hidden = None
        elif self.hidden is not None:
            if mask.shape != (self.batch(),):
                raise ValueError(f"mask {tuple(mask.shape)}, state for {self.batch()}")
            if isinstance(self.hidden, tuple):
                self.hidden = tuple(torch.where(mask[:, None], 0.0, x) for x in self.hidden)
            else:
                self.hidden = torch.where(mask[:, None], 0.0, self.hidden)
