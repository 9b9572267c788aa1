# right: a ValueError of its own, messages are collected by a generator and joined
import enum


class ShapeError(ValueError):
    """What torch.nn would refuse."""


class Kind(enum.Enum):
    RNN = "RNN"
    GRU = "GRU"
    LSTM = "LSTM"


def _module_faults(kind, input_size, hidden_size, num_layers, proj_size):
    for name, size in {"input_size": input_size, "hidden_size": hidden_size, "num_layers": num_layers}.items():
        if size <= 0:
            yield f"{name} must be greater than zero, not {size}"
    if proj_size < 0:
        yield "proj_size should be positive, or zero to disable projections"
    elif proj_size > 0 and kind is not Kind.LSTM:
        yield f"proj_size is only supported for LSTM, not {kind.name}"
    elif proj_size >= hidden_size:
        yield "proj_size has to be smaller than hidden_size"


def _input_faults(shape, input_size, batch_first):
    if len(shape) not in (2, 3):
        yield f"input should be 2-D or 3-D, not {len(shape)}-D"
        return
    if shape[-1] != input_size:
        yield f"input has {shape[-1]} features, not {input_size}"
    time_axis = 1 if batch_first and len(shape) == 3 else 0
    if shape[time_axis] < 1:
        yield "input has no time steps"


def _raise_if(faults):
    messages = list(faults)
    if messages:
        raise ShapeError("; ".join(messages))


def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    kind = Kind(kind)
    _raise_if(_module_faults(kind, input_size, hidden_size, num_layers, proj_size))
    _raise_if(_input_faults(input_shape, input_size, batch_first))
    directions = {False: 1, True: 2}[bool(bidirectional)]
    batch = [] if len(input_shape) == 2 else [input_shape[not batch_first]]
    h = (num_layers * directions, *batch, proj_size if proj_size else hidden_size)
    if state_shape is not None:
        _raise_if(f"state {tuple(state_shape)} should be {h}" for _ in range(tuple(state_shape) != h))
    return {
        "output": tuple(input_shape[:-1]) + (directions * h[-1],),
        "h": h,
        "c": h[:-1] + (hidden_size,) if kind is Kind.LSTM else None,
    }
