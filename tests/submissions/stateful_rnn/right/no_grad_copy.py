# right: the state copied under no_grad, a list for the pair
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn is bidirectional")
        self.rnn = rnn
        self.tensors = []  # [], [h] or [h, c]

    @property
    def state(self):
        if not self.tensors:
            return None
        if isinstance(self.rnn, nn.LSTM):
            return list(self.tensors)
        return self.tensors[0]

    def forward(self, inputs):
        if not self.tensors:
            outputs, new = self.rnn(inputs)
        else:
            if inputs.size(1) != self.tensors[0].size(1):
                raise ValueError(f"batch of {inputs.size(1)}, but the state has {self.tensors[0].size(1)}")
            if isinstance(self.rnn, nn.LSTM):
                outputs, new = self.rnn(inputs, tuple(self.tensors))
            else:
                outputs, new = self.rnn(inputs, self.tensors[0])
        with torch.no_grad():
            if isinstance(self.rnn, nn.LSTM):
                self.tensors = [new[0].clone(), new[1].clone()]
            else:
                self.tensors = [new.clone()]
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.tensors = []
            return
        for tensor in self.tensors:
            if mask.shape != (tensor.shape[1],):
                raise ValueError(f"mask must be one flag for each of the {tensor.shape[1]} sequences")
        with torch.no_grad():
            self.tensors = [torch.where(mask.unsqueeze(1), torch.zeros_like(t), t) for t in self.tensors]
