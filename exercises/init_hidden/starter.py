"""init_hidden: a zero state of the shape a recurrent module expects."""

from torch import Tensor, nn


def init_hidden(rnn: nn.RNN | nn.GRU | nn.LSTM, batch_size: int) -> Tensor | tuple[Tensor, Tensor]:
    """Make the zero state that `rnn` accepts for a batch of `batch_size` sequences.

    With L layers, D directions (1 or 2), B sequences and H hidden features:

    Args:
        rnn: any `nn.RNN`, `nn.GRU` or `nn.LSTM`, on any device, of any dtype.
        batch_size: B, at least 1.

    Returns:
        RNN, GRU: a tensor (L * D, B, H).
        LSTM: a pair `(h, c)`; `c` is (L * D, B, H), and so is `h` unless the module
        projects: then `h` has `proj_size` features.

        Contiguous zeros with the dtype and the device of `rnn`'s parameters. Every
        sequence, `h` and `c`, and every call have memory of their own: `h` and `c` are
        separate tensors, not views of one.

    Raises:
        Nothing of its own: no wrong argument has to be caught here.
    """
    raise NotImplementedError
