# right: concatenates batch_size references to the parameter and returns a list for the LSTM
import torch


class LearnedInitialState(torch.nn.Module):
    """Learned start of a recurrent network."""

    def __init__(self, rnn):
        super().__init__()
        rows = rnn.num_layers + rnn.num_layers * rnn.bidirectional
        like = dict(dtype=rnn.weight_hh_l0.dtype, device=rnn.weight_hh_l0.device)
        # the recurrent weight reads h, so its width is that of h
        self.h0 = torch.nn.Parameter(torch.zeros(rows, 1, rnn.weight_hh_l0.size(1), **like))
        self.c0 = None
        if rnn.mode == "LSTM":
            self.c0 = torch.nn.Parameter(torch.zeros(rows, 1, rnn.hidden_size, **like))

    def forward(self, batch_size):
        h = torch.cat([self.h0] * batch_size, dim=1)
        if self.c0 is None:
            return h
        return [h, torch.cat([self.c0] * batch_size, dim=1)]
