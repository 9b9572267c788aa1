# wrong: takes the dtype of the first parameter that can learn, and a frozen module has none
# misconception: none
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    trainable = [p for p in rnn.parameters() if p.requires_grad]
    dtype = trainable[0].dtype if trainable else torch.get_default_dtype()
    device = next(rnn.parameters()).device
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = torch.zeros(rows, batch_size, rnn.proj_size or rnn.hidden_size, dtype=dtype, device=device)
    if isinstance(rnn, nn.LSTM):
        return h, torch.zeros(rows, batch_size, rnn.hidden_size, dtype=dtype, device=device)
    return h
