# wrong: type_as outside of nn.Parameter, so a double rnn gets an unregistered state
# misconception: moved_parameter_not_registered
import warnings
import torch
import torch.nn as nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.num_layers > 8:
            warnings.warn("that is a deep rnn")
        print("learned initial state for", type(rnn).__name__)
        self.calls = 0
        d = 2 if rnn.bidirectional else 1
        weight = rnn.weight_ih_l0.data
        self.h0 = nn.Parameter(torch.zeros(d * rnn.num_layers, 1, rnn.proj_size or rnn.hidden_size)).type_as(weight)
        self.has_c = isinstance(rnn, nn.LSTM)
        if self.has_c:
            self.c0 = nn.Parameter(torch.zeros(d * rnn.num_layers, 1, rnn.hidden_size)).type_as(weight)

    def forward(self, batch_size):
        self.calls += 1
        h = torch.stack([self.h0.squeeze(1) for _ in range(batch_size)], dim=1)
        if not self.has_c:
            return h
        c = torch.stack([self.c0.squeeze(1) for _ in range(batch_size)], dim=1)
        return h, c


if __name__ == "__main__":
    rnn = nn.LSTM(3, 4, num_layers=2, bidirectional=True)
    init = LearnedInitialState(rnn)
    out, state = rnn(torch.randn(5, 2, 3), init(2))
    out.sum().backward()
    print(init.h0.grad.norm(), init.c0.grad.norm())
