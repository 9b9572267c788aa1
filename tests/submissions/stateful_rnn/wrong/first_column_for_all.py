# wrong: for another batch size the first sequence's state is repeated
# misconception: batch_size_broadcast
import torch.nn as nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("no bidirectional rnn")
        self.rnn = rnn
        self.hidden = None  # list of tensors

    @property
    def state(self):
        if self.hidden is None:
            return None
        return tuple(self.hidden) if len(self.hidden) == 2 else self.hidden[0]

    def fit(self, batch_size):
        if self.hidden is not None and self.hidden[0].size(1) != batch_size:
            self.hidden = [h[:, :1].repeat(1, batch_size, 1) for h in self.hidden]

    def forward(self, inputs):
        self.fit(inputs.size(1))
        outputs, hidden = self.rnn(inputs, self.state)
        hidden = hidden if isinstance(hidden, tuple) else (hidden,)
        self.hidden = [h.detach() for h in hidden]
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.hidden = None
        if self.hidden is None:
            return
        if list(mask.shape) != [self.hidden[0].size(1)]:
            raise ValueError("mask: one boolean for each sequence, please")
        self.hidden = [h.masked_fill(mask.view(-1, 1), 0) for h in self.hidden]
