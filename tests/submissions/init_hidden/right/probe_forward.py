# right: runs the module on one step of zeros and copies the shapes of what comes back
import torch


@torch.no_grad()
def init_hidden(rnn, batch_size):
    weight = rnn.weight_ih_l0
    if rnn.batch_first:
        probe = torch.zeros(batch_size, 1, rnn.input_size, dtype=weight.dtype, device=weight.device)
    else:
        probe = torch.zeros(1, batch_size, rnn.input_size, dtype=weight.dtype, device=weight.device)
    _, state = rnn(probe)
    if isinstance(state, tuple):
        return tuple(torch.zeros_like(s, memory_format=torch.contiguous_format) for s in state)
    return torch.zeros_like(state, memory_format=torch.contiguous_format)
