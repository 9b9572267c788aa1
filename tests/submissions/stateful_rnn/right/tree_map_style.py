# right: functional, with torch's tree_map and tree_leaves
import functools

import torch
from torch import nn
from torch.utils._pytree import tree_leaves, tree_map


def start_anew(mask, tensor):
    return torch.where(mask.reshape(1, -1, 1), tensor.new_zeros(()), tensor)


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        if rnn.bidirectional:
            raise ValueError("a stream has one direction")
        super().__init__()
        self.wrapped = nn.ModuleDict({"rnn": rnn})
        self._state = None

    state = property(lambda self: self._state)

    def forward(self, inputs):
        for leaf in tree_leaves(self._state):
            if leaf is not None and leaf.shape[1] != inputs.shape[1]:
                raise ValueError(f"batch {inputs.shape[1]} after batch {leaf.shape[1]}")
        outputs, state = self.wrapped["rnn"](inputs, self._state)
        self._state = tree_map(torch.Tensor.detach, state)
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
        if self._state is None:
            return
        if {(leaf.shape[1],) for leaf in tree_leaves(self._state)} != {tuple(mask.shape)}:
            raise ValueError(f"mask of shape {tuple(mask.shape)}")
        self._state = tree_map(functools.partial(start_anew, mask), self._state)
