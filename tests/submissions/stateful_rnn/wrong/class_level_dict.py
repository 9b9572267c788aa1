# wrong: a dict in the class body, so all instances write into the same one
# misconception: state_shared
import torch
from torch import nn


class StatefulRNN(nn.Module):
    memory = {"h": None, "c": None}

    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("bidirectional rnn given")
        self.rnn = rnn
        self.reset()

    @property
    def state(self):
        h, c = self.memory["h"], self.memory["c"]
        return h if c is None else (h, c)

    def forward(self, inputs):
        if self.memory["h"] is not None and self.memory["h"].shape[1] != inputs.shape[1]:
            raise ValueError("batch size differs from the state's")
        outputs, new = self.rnn(inputs, self.state)
        if isinstance(self.rnn, nn.LSTM):
            self.memory["h"], self.memory["c"] = new[0].detach(), new[1].detach()
        else:
            self.memory["h"] = new.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.memory["h"] = self.memory["c"] = None
            return
        if self.memory["h"] is None:
            return
        if mask.shape != (self.memory["h"].shape[1],):
            raise ValueError("mask shape differs from the state's batch")
        for name in ("h", "c"):
            if self.memory[name] is not None:
                self.memory[name] = torch.where(mask[:, None], 0.0, self.memory[name])
