# right: library call, a multi-layer nn.RNN / nn.GRU / nn.LSTM that borrows the parameters of the cells
from torch import nn


def run_stack(cells, inputs, state=None):
    first = cells[0]
    options = {"num_layers": len(cells), "bias": first.bias, "device": "meta", "dtype": first.weight_hh.dtype}
    if isinstance(first, nn.LSTMCell):
        rnn = nn.LSTM(first.input_size, first.hidden_size, **options)
    elif isinstance(first, nn.GRUCell):
        rnn = nn.GRU(first.input_size, first.hidden_size, **options)
    else:
        rnn = nn.RNN(first.input_size, first.hidden_size, nonlinearity=first.nonlinearity, **options)
    for layer, cell in enumerate(cells):
        for name, parameter in cell.named_parameters():
            setattr(rnn, f"{name}_l{layer}", parameter)
    if isinstance(state, list):
        state = tuple(state)
    return rnn(inputs, state)
