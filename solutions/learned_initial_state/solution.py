"""A state that is learned: the initial state of a recurrent module as parameters."""

import torch
from torch import Tensor, nn


class LearnedInitialState(nn.Module):
    """Parameters ``h0`` and, for an LSTM, ``c0``, from which every sequence of a batch starts.

    Args:
        rnn: its sizes, dtype and device are taken; it isn't kept, so that its weights are
            saved and trained once, by whoever owns it.
    """

    h0: nn.Parameter
    c0: nn.Parameter | None

    def __init__(self, rnn: nn.RNN | nn.GRU | nn.LSTM) -> None:
        super().__init__()
        weight = rnn.weight_hh_l0
        num_states = rnn.num_layers * (2 if rnn.bidirectional else 1)
        h_features = rnn.proj_size or rnn.hidden_size
        # A parameter is made from a tensor that is already where it belongs: what .to() returns is no parameter.
        self.h0 = nn.Parameter(torch.zeros(num_states, 1, h_features, dtype=weight.dtype, device=weight.device))
        if isinstance(rnn, nn.LSTM):
            self.c0 = nn.Parameter(weight.new_zeros(num_states, 1, rnn.hidden_size))
        else:
            self.register_parameter("c0", None)

    def forward(self, batch_size: int) -> Tensor | tuple[Tensor, Tensor]:
        """The state ``(L * D, B, H)`` for a batch of ``batch_size``, or for an LSTM the pair ``(h, c)``.

        The backward of ``expand`` sums over the batch, so that every sequence has its part in what is learned.
        ``contiguous`` because cuDNN refuses a state whose sequences share their memory.
        """
        h = self.h0.expand(-1, batch_size, -1).contiguous()
        if self.c0 is None:
            return h
        return h, self.c0.expand(-1, batch_size, -1).contiguous()
