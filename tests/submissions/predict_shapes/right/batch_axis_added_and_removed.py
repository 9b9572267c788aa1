# right: an unbatched input becomes a batch of one and loses it again, as torch does inside
def _drop(shape, axis):
    return shape[:axis] + shape[axis + 1:]


def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    if kind not in ["RNN", "GRU", "LSTM"]:
        raise ValueError("kind")
    if input_size < 1 or hidden_size < 1 or num_layers < 1:
        raise ValueError("sizes must be at least 1")
    if proj_size < 0 or proj_size >= hidden_size or (proj_size and kind != "LSTM"):
        raise ValueError("proj_size")

    shape = tuple(input_shape)
    batch_axis = 0 if batch_first else 1
    unbatched = len(shape) == 2
    if unbatched:
        shape = shape[:batch_axis] + (1,) + shape[batch_axis:]
    if len(shape) != 3:
        raise ValueError("input must be 2-D or 3-D")
    if shape[2] != input_size:
        raise ValueError("wrong number of features")
    if shape[1 - batch_axis] == 0:
        raise ValueError("empty sequence")

    directions = 2 if bidirectional else 1
    features = proj_size or hidden_size
    output = shape[:2] + (directions * features,)
    h = (num_layers * directions, shape[batch_axis], features)
    c = (num_layers * directions, shape[batch_axis], hidden_size)
    if unbatched:
        output = _drop(output, batch_axis)
        h, c = _drop(h, 1), _drop(c, 1)
    if state_shape is not None and list(state_shape) != list(h):
        raise ValueError("state of the wrong shape")
    return {"output": output, "h": h, "c": c if kind == "LSTM" else None}
