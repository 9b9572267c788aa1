# wrong: gradients are recorded only if the cells are in train mode ("in evaluation nobody needs them").
# (2) Breaks: "The result is what nn.RNN, nn.GRU or nn.LSTM ... gives, gradients included"; these give gradients in eval mode
#     as well.
# (3) Shows with: forward_cell.eval(), backward_cell.eval(): the outputs have no graph. In train mode all is right.
import torch
from torch import nn


def one_direction(cell, steps, state):
    outputs = []
    for x in steps:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(cell, nn.LSTMCell) else state)
    return outputs, state


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    is_lstm = isinstance(forward_cell, nn.LSTMCell)
    training = forward_cell.training and backward_cell.training
    if state is None:
        start_f, start_b = None, None
    elif is_lstm:
        (hf, hb), (cf, cb) = state
        start_f, start_b = (hf, cf), (hb, cb)
    else:
        start_f, start_b = state

    with torch.set_grad_enabled(training and torch.is_grad_enabled()):
        steps = inputs.unbind(0)
        out_f, end_f = one_direction(forward_cell, steps, start_f)
        out_b, end_b = one_direction(backward_cell, steps[::-1], start_b)
        outputs = torch.cat([torch.stack(out_f), torch.stack(out_b[::-1])], dim=-1)
        if is_lstm:
            return outputs, tuple(torch.stack(pair) for pair in zip(end_f, end_b))
        return outputs, torch.stack([end_f, end_b])
