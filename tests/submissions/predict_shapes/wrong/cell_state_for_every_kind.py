# wrong: a GRU and an RNN get a c as well
# misconception: cell_state_for_every_kind
def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    if kind not in ("RNN", "GRU", "LSTM"):
        raise ValueError(f"unknown kind {kind}")
    if input_size <= 0 or hidden_size <= 0 or num_layers <= 0:
        raise ValueError("sizes must be greater than zero")
    if proj_size > 0 and kind != "LSTM":
        raise ValueError("proj_size is only supported for LSTM")
    if proj_size < 0 or proj_size >= hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size")
    if len(input_shape) not in (2, 3):
        raise ValueError("input must be 2-D or 3-D")
    if input_shape[-1] != input_size:
        raise ValueError("input.size(-1) must be equal to input_size")

    directions = 2 if bidirectional else 1
    features = proj_size if proj_size > 0 else hidden_size
    if len(input_shape) == 2:
        time, batch = input_shape[0], ()
    elif batch_first:
        time, batch = input_shape[1], (input_shape[0],)
    else:
        time, batch = input_shape[0], (input_shape[1],)
    if time == 0:
        raise ValueError("the sequence is empty")

    output = (*input_shape[:-1], directions * features)
    h = (num_layers * directions, *batch, features)
    c = (num_layers * directions, *batch, hidden_size)
    if state_shape is not None and tuple(state_shape) != h:
        raise ValueError(f"state must have shape {h}")
    return {"output": output, "h": h, "c": c}
