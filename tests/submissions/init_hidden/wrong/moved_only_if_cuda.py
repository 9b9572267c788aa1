# wrong: made on the CPU and moved to the first GPU only, other devices are forgotten
# misconception: default_device
import torch


def to_module(tensor, rnn):
    tensor = tensor.to(rnn.weight_ih_l0.dtype)
    if rnn.weight_ih_l0.is_cuda:
        tensor = tensor.cuda()
    return tensor


def init_hidden(rnn, batch_size):
    first = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = torch.zeros(first, batch_size, rnn.proj_size or rnn.hidden_size, device="cpu")
    if isinstance(rnn, torch.nn.LSTM):
        c = torch.zeros(first, batch_size, rnn.hidden_size, device="cpu")
        return to_module(h, rnn), to_module(c, rnn)
    return to_module(h, rnn)
