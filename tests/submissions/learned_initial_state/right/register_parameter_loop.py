# right: register_parameter in a loop over names, None registered where there is no c0
import itertools
from torch import nn


class LearnedInitialState(nn.Module):
    NAMES = ("h0", "c0")

    def __init__(self, rnn: nn.RNNBase):
        super().__init__()
        rows = rnn.num_layers * (1 + int(rnn.bidirectional))
        widths = {"h0": rnn.proj_size if rnn.proj_size else rnn.hidden_size, "c0": None}
        if isinstance(rnn, nn.LSTM):
            widths["c0"] = rnn.hidden_size
        for name in self.NAMES:
            self.register_parameter(name, None)
            if widths[name] is not None:
                start = next(rnn.parameters()).detach().new_zeros((rows, 1, widths[name]))
                setattr(self, name, nn.Parameter(start, requires_grad=True))

    def forward(self, batch_size: int):
        state = tuple(
            p.repeat_interleave(batch_size, dim=1)
            for p in map(self.__getattr__, self.NAMES) if p is not None
        )
        return state if len(state) > 1 else state[0]
