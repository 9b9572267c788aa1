# right: star imports, zeros made explicitly for the first call
from torch import *
from torch.nn import *

CALLS = 0  # only a count, for curiosity


class StatefulRNN(Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("no bidirectional rnn, please")
        self.rnn = rnn
        self.last = None

    @property
    def state(self):
        return self.last

    def zero_state(self, batch_size):
        weight = next(self.rnn.parameters())
        layers = self.rnn.num_layers
        hidden = self.rnn.hidden_size
        features = self.rnn.proj_size if self.rnn.proj_size > 0 else hidden
        h = zeros(layers, batch_size, features, dtype=weight.dtype, device=weight.device)
        if self.rnn.mode != "LSTM":
            return h
        c = zeros(layers, batch_size, hidden, dtype=weight.dtype, device=weight.device)
        return h, c

    def sequences(self):
        return self.last[0].size(1) if self.rnn.mode == "LSTM" else self.last.size(1)

    def forward(self, inputs):
        global CALLS
        CALLS += 1
        if self.last is None:
            start = self.zero_state(inputs.size(1))
        elif self.sequences() == inputs.size(1):
            start = self.last
        else:
            raise ValueError("the number of sequences changed from %d to %d" % (self.sequences(), inputs.size(1)))
        outputs, end = self.rnn(inputs, start)
        self.last = (end[0].detach(), end[1].detach()) if self.rnn.mode == "LSTM" else end.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None or self.last is None:
            self.last = None
            return
        if mask.size() != Size([self.sequences()]):
            raise ValueError("mask must be of size %d" % self.sequences())
        zero = self.zero_state(self.sequences())
        m = mask.unsqueeze(1)
        if self.rnn.mode == "LSTM":
            self.last = where(m, zero[0], self.last[0]), where(m, zero[1], self.last[1])
        else:
            self.last = where(m, zero, self.last)
