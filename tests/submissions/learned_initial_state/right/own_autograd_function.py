# right: own autograd.Function that copies the column and sums the gradient
import torch
from torch import nn
from torch.autograd import Function


class CopyColumn(Function):
    @staticmethod
    def forward(ctx, parameter, batch_size):
        return parameter.repeat(1, batch_size, 1)

    @staticmethod
    def backward(ctx, grad):
        return grad.sum(dim=1, keepdim=True), None


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        nn.Module.__init__(self)
        layers = sum(1 for name, _ in rnn.named_parameters() if name.startswith("weight_hh"))   # one per direction
        options = {"dtype": rnn.weight_ih_l0.dtype, "device": rnn.weight_ih_l0.device}
        self.h0 = nn.Parameter(torch.zeros([layers, 1, rnn.proj_size or rnn.hidden_size], **options))
        if isinstance(rnn, nn.LSTM):
            self.c0 = nn.Parameter(torch.zeros([layers, 1, rnn.hidden_size], **options))

    def forward(self, batch_size):
        state = [CopyColumn.apply(p, batch_size) for p in self.parameters()]
        return state[0] if len(state) == 1 else tuple(state)
