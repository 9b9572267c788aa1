# wrong: the state in a global variable
# misconception: state_shared
import torch
from torch import nn

STATE = None


def batch_size():
    return STATE[0].size(1) if isinstance(STATE, tuple) else STATE.size(1)


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        global STATE
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("must not be bidirectional")
        self.rnn = rnn
        STATE = None

    @property
    def state(self):
        return STATE

    def forward(self, inputs):
        global STATE
        if STATE is not None and batch_size() != inputs.size(1):
            raise ValueError("please reset() before changing the batch size")
        outputs, state = self.rnn(inputs, STATE)
        STATE = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        return outputs

    def reset(self, mask=None):
        global STATE
        if mask is None or STATE is None:
            STATE = None
            return
        if mask.shape != torch.Size([batch_size()]):
            raise ValueError("mask of the wrong shape")
        if isinstance(STATE, tuple):
            STATE = tuple(s.masked_fill(mask[:, None], 0) for s in STATE)
        else:
            STATE = STATE.masked_fill(mask[:, None], 0)
