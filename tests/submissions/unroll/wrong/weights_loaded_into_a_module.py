# wrong: nn.RNN and so on with a copy of the weights: the cell gets no gradient
# misconception: weights_copied
import torch
from torch import nn

MODULES = {nn.RNNCell: nn.RNN, nn.GRUCell: nn.GRU, nn.LSTMCell: nn.LSTM}


def unroll(cell, inputs, state=None):
    options = {"nonlinearity": cell.nonlinearity} if isinstance(cell, nn.RNNCell) else {}
    rnn = MODULES[type(cell)](cell.input_size, cell.hidden_size, bias=cell.bias, **options).to(cell.weight_ih)
    rnn.load_state_dict({f"{name}_l0": value for name, value in cell.state_dict().items()})
    if state is not None:
        state = tuple(part[None] for part in state) if rnn.mode == "LSTM" else state[None]
    outputs, state = rnn(inputs, state)
    return outputs, tuple(part[0] for part in state) if rnn.mode == "LSTM" else state[0]
