# wrong: builds the module and runs it on zeros to see the shapes
# misconception: module_built
import torch
from torch import nn


def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    options = {"proj_size": proj_size} if proj_size else {}
    try:
        module = getattr(nn, kind)(input_size, hidden_size, num_layers, bidirectional=bidirectional,
                                   batch_first=batch_first, **options)
        state = None
        if state_shape is not None:
            state = torch.zeros(tuple(state_shape))
            if kind == "LSTM":
                state = (state, torch.zeros((*state_shape[:-1], hidden_size)))
        with torch.no_grad():
            output, state = module(torch.zeros(tuple(input_shape)), state)
    except RuntimeError as error:
        raise ValueError(str(error)) from error
    h, c = state if kind == "LSTM" else (state, None)
    return {"output": tuple(output.shape), "h": tuple(h.shape), "c": None if c is None else tuple(c.shape)}
