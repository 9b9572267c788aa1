# right: each call is a packed sequence of equal lengths, the state is cut by an autograd.Function
"""torch.nn.utils.rnn all the way: a chunk is a PackedSequence in which every sequence has the same length. The state is cut
on its way out by a small autograd.Function."""

import torch
from torch import nn
from torch.autograd import Function
from torch.nn.utils.rnn import PackedSequence


class Stop(Function):
    """Same values, and no way back."""

    @staticmethod
    def forward(ctx, tensor):
        copy = tensor.clone()
        ctx.mark_non_differentiable(copy)
        return copy

    @staticmethod
    def backward(ctx, _):
        return None


def on_each(function, state):
    return function(state) if isinstance(state, torch.Tensor) else tuple(function(part) for part in state)


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("bidirectional")
        self.rnn = rnn
        self.__state = None

    @property
    def state(self):
        return self.__state

    @property
    def __batch(self):
        if self.__state is None:
            return None
        first = self.__state if isinstance(self.__state, torch.Tensor) else self.__state[0]
        return first.shape[1]

    def forward(self, inputs):
        steps, batch, width = inputs.shape
        if self.__batch not in (None, batch):
            raise ValueError(f"the batch was of {self.__batch} sequences, this one is of {batch}: reset() first")
        packed = PackedSequence(inputs.reshape(steps * batch, width), torch.full((steps,), batch))
        outputs, state = self.rnn(packed, self.__state)
        self.__state = on_each(Stop.apply, state)
        return outputs.data.view(steps, batch, -1)

    def reset(self, mask=None):
        if mask is None:
            self.__state = None
        elif self.__state is not None:
            if mask.shape != torch.Size([self.__batch]):
                raise ValueError(f"mask {tuple(mask.shape)} for {self.__batch} sequences")

            def anew(tensor):
                rows = tensor.transpose(0, 1)
                blank = torch.zeros_like(rows)
                keep = (~mask).nonzero().squeeze(1).to(tensor.device)
                return blank.index_copy(0, keep, rows.index_select(0, keep)).transpose(0, 1).contiguous()

            self.__state = on_each(anew, self.__state)
