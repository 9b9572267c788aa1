# wrong: nn module with borrowed parameters, the _reverse ones are taken from the forward cell too
# misconception: forward_cell_twice
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
    for name, parameter in forward_cell.named_parameters():
        setattr(rnn, name + "_l0", parameter)
        setattr(rnn, name + "_l0_reverse", parameter)
    return rnn(inputs, state)
