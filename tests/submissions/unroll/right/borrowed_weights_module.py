# right: library call, an nn.RNN / nn.GRU / nn.LSTM shell that borrows the parameters of the cell
import torch.nn as nn


def _as_module(cell):
    kwargs = dict(input_size=cell.input_size, hidden_size=cell.hidden_size, bias=cell.bias, device="meta")
    if isinstance(cell, nn.LSTMCell):
        rnn = nn.LSTM(**kwargs)
    elif isinstance(cell, nn.GRUCell):
        rnn = nn.GRU(**kwargs)
    else:
        rnn = nn.RNN(nonlinearity=cell.nonlinearity, **kwargs)
    for name, parameter in cell.named_parameters():
        setattr(rnn, name + "_l0", parameter)  # the same Parameter object, so gradients arrive in the cell
    return rnn


def unroll(cell, inputs, state=None):
    rnn = _as_module(cell)
    if isinstance(cell, nn.LSTMCell):
        if state is not None:
            state = (state[0][None], state[1][None])
        outputs, (h, c) = rnn(inputs, state)
        return outputs, (h.squeeze(0), c.squeeze(0))
    outputs, h = rnn(inputs, None if state is None else state[None])
    return outputs, h.squeeze(0)
