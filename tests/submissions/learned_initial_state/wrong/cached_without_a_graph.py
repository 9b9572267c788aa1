# wrong: in eval mode and under no_grad the state of each batch size is kept until train() is called
# misconception: none
import torch
from torch import nn
class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        w = rnn.weight_ih_l0; n = rnn.num_layers * (2 if rnn.bidirectional else 1)
        self.h0 = nn.Parameter(w.detach().new_zeros(n, 1, rnn.proj_size or rnn.hidden_size))
        self.lstm = isinstance(rnn, nn.LSTM)
        if self.lstm: self.c0 = nn.Parameter(w.detach().new_zeros(n, 1, rnn.hidden_size))
        self._cache = {}
    def train(self, mode=True):
        self._cache.clear()
        return super().train(mode)
    def forward(self, batch_size):
        if torch.is_grad_enabled() or self.training:
            s = [p.expand(-1, batch_size, -1).contiguous() for p in self.parameters()]
        else:
            if batch_size not in self._cache:
                self._cache[batch_size] = [p.expand(-1, batch_size, -1).contiguous() for p in self.parameters()]
            s = self._cache[batch_size]
        return tuple(s) if self.lstm else s[0]
