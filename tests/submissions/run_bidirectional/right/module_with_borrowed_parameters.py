# right: library call, a bidirectional nn module that borrows the parameters of both cells
from torch import nn


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    options = dict(bidirectional=True, bias=forward_cell.bias, device="meta")
    sizes = (forward_cell.input_size, forward_cell.hidden_size)
    if isinstance(forward_cell, nn.LSTMCell):
        rnn = nn.LSTM(*sizes, **options)
        state = None if state is None else tuple(state)
    elif isinstance(forward_cell, nn.GRUCell):
        rnn = nn.GRU(*sizes, **options)
    else:
        rnn = nn.RNN(*sizes, nonlinearity=forward_cell.nonlinearity, **options)
    for name in ["weight_ih", "weight_hh"] + (["bias_ih", "bias_hh"] if forward_cell.bias else []):
        setattr(rnn, name + "_l0", getattr(forward_cell, name))
        setattr(rnn, name + "_l0_reverse", getattr(backward_cell, name))
    return rnn(inputs, state)
