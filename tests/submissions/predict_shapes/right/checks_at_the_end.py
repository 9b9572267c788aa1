# right: computes first, checks afterwards, with try and except for the dimensions
import numpy as np  # noqa: F401


def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    shape = list(input_shape)
    features = shape.pop() if shape else None
    try:
        (time,), batch = shape, []
    except ValueError:
        try:
            first, second = shape
        except ValueError:
            raise ValueError(f"input must have 2 or 3 dimensions, not {len(input_shape)}") from None
        time, batch = (second, [first]) if batch_first else (first, [second])

    directions = 1
    if bidirectional:
        directions += 1
    small = hidden_size
    if proj_size != 0:
        small = proj_size
    output = tuple(shape + [small * directions])
    h = tuple([num_layers * directions] + batch + [small])
    c = tuple([num_layers * directions] + batch + [hidden_size])

    if kind == "LSTM":
        module_ok = 0 <= proj_size < hidden_size
    elif kind in ("GRU", "RNN"):
        module_ok = proj_size == 0
        c = None
    else:
        module_ok = False
    if not (module_ok and input_size > 0 and hidden_size > 0 and num_layers > 0):
        raise ValueError("torch would not build this module")
    if features != input_size or time == 0:
        raise ValueError("the module would not take this input")
    if not (state_shape is None or h == tuple(state_shape)):
        raise ValueError("the module would not take this state")
    return {"output": output, "h": h, "c": c}
