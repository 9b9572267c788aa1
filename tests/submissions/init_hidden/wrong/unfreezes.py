# wrong: freezes the module for a dry run, and then asks gradients of all parameters, also of those that were frozen
# misconception: none
import torch


def init_hidden(rnn, batch_size):
    rnn.requires_grad_(False)
    weight = next(rnn.parameters())
    shape = (batch_size, 1) if rnn.batch_first else (1, batch_size)
    _, state = rnn(torch.zeros(*shape, rnn.input_size, dtype=weight.dtype, device=weight.device))
    rnn.requires_grad_(True)
    if isinstance(rnn, torch.nn.LSTM):
        return tuple(torch.zeros_like(part) for part in state)
    return torch.zeros_like(state)
