# wrong: the mask is checked and then the full reset is done
# misconception: whole_batch_reset
import torch.nn as nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("unidirectional only")
        self.rnn = rnn
        self.hidden = None

    @property
    def state(self):
        return self.hidden

    @property
    def n(self):
        if self.hidden is None:
            return None
        return self.hidden[0].size(1) if isinstance(self.hidden, tuple) else self.hidden.size(1)

    def forward(self, inputs):
        if self.hidden is not None and inputs.size(1) != self.n:
            raise ValueError(f"{inputs.size(1)} sequences instead of {self.n}")
        outputs, hidden = self.rnn(inputs, self.hidden)
        self.hidden = tuple(x.detach() for x in hidden) if isinstance(hidden, tuple) else hidden.detach()
        return outputs

    def reset(self, mask=None):
        if mask is not None and self.hidden is not None:
            if mask.shape != (self.n,):
                raise ValueError(f"mask should have {self.n} entries")
            if not mask.any():
                return
        self.hidden = None
