# right: a generator of shapes and a demo under __main__
import torch
from torch import nn


def state_shapes(rnn, batch_size):
    """Yield the shape of h, and of c if there is one."""
    lead = rnn.num_layers * (2 if rnn.bidirectional else 1)
    yield lead, batch_size, (rnn.proj_size or rnn.hidden_size)
    if isinstance(rnn, nn.LSTM):
        yield lead, batch_size, rnn.hidden_size


def init_hidden(rnn, batch_size):
    """Zero state for a batch.

    The hidden state is never batch first, so rnn.batch_first is not looked at.
    """
    weight = rnn.weight_hh_l0
    h, *c = [weight.new_zeros(shape) for shape in state_shapes(rnn, batch_size)]
    return (h, *c) if c else h


if __name__ == "__main__":
    torch.manual_seed(0)
    lstm = nn.LSTM(3, 5, num_layers=2, bidirectional=True, proj_size=2)
    x = torch.randn(7, 4, 3)
    out, (h_n, c_n) = lstm(x, init_hidden(lstm, 4))
    print(out.shape, h_n.shape, c_n.shape)
    assert torch.equal(out, lstm(x)[0])
    print("all good!")
