"""init_hidden: a zero state of the shape a recurrent module expects."""

from torch import Tensor, nn


def init_hidden(rnn: nn.RNN | nn.GRU | nn.LSTM, batch_size: int) -> Tensor | tuple[Tensor, Tensor]:
    """Make the zero state that `rnn` accepts for a batch of `batch_size` sequences.

    With L layers, D directions, B sequences and H hidden features, the result is
    (L * D, B, H) for an RNN or GRU, and a pair `(h, c)` of that shape for an LSTM,
    where `h` has `proj_size` features if the module projects. dtype and device are
    those of the module's parameters.
    """
    num_directions = 2 if rnn.bidirectional else 1
    num_states = rnn.num_layers * num_directions
    weight = next(rnn.parameters())  # it knows the dtype and the device

    # proj_size is 0 in a module that does not project.
    h = weight.new_zeros(num_states, batch_size, rnn.proj_size or rnn.hidden_size)
    if not isinstance(rnn, nn.LSTM):
        return h
    c = weight.new_zeros(num_states, batch_size, rnn.hidden_size)
    return h, c
