"""learned_initial_state: a module whose parameters are the state before the first step."""

from torch import Tensor, nn


class LearnedInitialState(nn.Module):
    """The initial state of `rnn` as parameters, the same for every sequence of a batch.

    With L layers, D directions (1 or 2), B sequences and H hidden features:

    Args:
        rnn: any `nn.RNN`, `nn.GRU` or `nn.LSTM`, on any device, of any dtype. It is only looked at: it
            does not become a part of this module.

    Attributes:
        h0: parameter (L * D, 1, H), zeros at first, in the dtype and on the device of `rnn`'s
            parameters; `proj_size` features if `rnn` projects.
        c0: likewise (L * D, 1, H), for an LSTM only.
    """

    def __init__(self, rnn: nn.RNN | nn.GRU | nn.LSTM) -> None:
        super().__init__()
        raise NotImplementedError

    def forward(self, batch_size: int) -> Tensor | tuple[Tensor, Tensor]:
        """Make the state that a batch of `batch_size` sequences starts from.

        Args:
            batch_size: B, at least 1.

        Returns:
            RNN, GRU: a contiguous tensor (L * D, B, H).
            LSTM: a pair `(h, c)` of them; `h` has `proj_size` features if `rnn` projects.

            Gradients flow from it to the parameters.
        """
        raise NotImplementedError
