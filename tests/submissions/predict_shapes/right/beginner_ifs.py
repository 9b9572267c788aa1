# right: a beginner's ifs, one question after the other
def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    # the module
    if kind != "RNN" and kind != "GRU" and kind != "LSTM":
        raise ValueError("kind must be RNN, GRU or LSTM")
    if input_size <= 0:
        raise ValueError("input_size must be positive")
    if hidden_size <= 0:
        raise ValueError("hidden_size must be positive")
    if num_layers <= 0:
        raise ValueError("num_layers must be positive")
    if proj_size < 0:
        raise ValueError("proj_size must not be negative")
    if proj_size > 0 and kind != "LSTM":
        raise ValueError("only an LSTM can project")
    if proj_size >= hidden_size:
        raise ValueError("proj_size must be smaller than hidden_size")

    # the input
    if len(input_shape) != 2 and len(input_shape) != 3:
        raise ValueError("input must have 2 or 3 dimensions")
    if input_shape[-1] != input_size:
        raise ValueError("the last dimension must be input_size")

    if bidirectional:
        directions = 2
    else:
        directions = 1
    if proj_size > 0:
        features = proj_size
    else:
        features = hidden_size

    if len(input_shape) == 2:
        time = input_shape[0]
        output = (time, directions * features)
        h = (num_layers * directions, features)
        c = (num_layers * directions, hidden_size)
    else:
        if batch_first:
            batch = input_shape[0]
            time = input_shape[1]
            output = (batch, time, directions * features)
        else:
            time = input_shape[0]
            batch = input_shape[1]
            output = (time, batch, directions * features)
        h = (num_layers * directions, batch, features)
        c = (num_layers * directions, batch, hidden_size)
    if time == 0:
        raise ValueError("the sequence is empty")

    # the state
    if state_shape is not None:
        if tuple(state_shape) != h:
            raise ValueError("the state should have shape " + str(h))

    if kind != "LSTM":
        c = None
    return {"output": output, "h": h, "c": c}
