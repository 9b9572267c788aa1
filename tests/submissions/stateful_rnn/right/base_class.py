# right: a base class for the carried tensors, kept in a dict by name
import torch
from torch import nn


class _Carrier(nn.Module):
    """What does not depend on the kind of state."""

    def __init__(self):
        super().__init__()
        self._carried = {}

    @property
    def batch(self):
        return next(iter(self._carried.values())).shape[1] if self._carried else None

    def keep(self, **tensors):
        self._carried = {name: tensor.detach() for name, tensor in tensors.items()}

    def reset(self, mask=None):
        if mask is None:
            self._carried = {}
        elif self._carried:
            if mask.shape != (self.batch,):
                raise ValueError(f"mask.shape is {tuple(mask.shape)}, should be ({self.batch},)")
            zeroed = {}
            for name, tensor in self._carried.items():
                layers = [torch.where(mask[:, None], layer.new_zeros(1), layer) for layer in tensor]
                zeroed[name] = torch.stack(layers)
            self._carried = zeroed


class StatefulRNN(_Carrier):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn.bidirectional must be False")
        self.rnn = rnn

    @property
    def state(self):
        if "c" in self._carried:
            return self._carried["h"], self._carried["c"]
        return self._carried.get("h")

    def forward(self, inputs):
        if self.batch not in (None, inputs.shape[1]):
            raise ValueError(f"batch size is {inputs.shape[1]}, was {self.batch}")
        outputs, last = self.rnn(inputs, self.state)
        if isinstance(last, torch.Tensor):
            self.keep(h=last)
        else:
            self.keep(h=last[0], c=last[1])
        return outputs
