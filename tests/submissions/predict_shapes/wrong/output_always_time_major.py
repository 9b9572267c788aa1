# wrong: batch_first only says how to read the input, the output comes out time-major
# misconception: output_axes_swapped
def check(condition, message):
    if not condition:
        raise ValueError(message)


def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    check(kind in ("RNN", "GRU", "LSTM"), "kind must be RNN, GRU or LSTM")
    check(input_size > 0 and hidden_size > 0 and num_layers > 0, "sizes must be greater than zero")
    check(proj_size == 0 or kind == "LSTM", "only an LSTM projects")
    check(0 <= proj_size < hidden_size, "proj_size must be smaller than hidden_size")
    dims = len(input_shape)
    check(dims in (2, 3), "input must have 2 or 3 dimensions")
    check(input_shape[-1] == input_size, "features must equal input_size")
    D = 2 if bidirectional else 1
    L = num_layers
    H = proj_size or hidden_size
    if dims == 3:
        B, T = (input_shape[0], input_shape[1]) if batch_first else (input_shape[1], input_shape[0])
        output = (T, B, D * H)
        h = (L * D, B, H)
        c = (L * D, B, hidden_size)
    else:
        T = input_shape[0]
        output = (T, D * H)
        h = (L * D, H)
        c = (L * D, hidden_size)
    check(T > 0, "no time steps")
    check(state_shape is None or tuple(state_shape) == h, "wrong state")
    return {"output": output, "h": h, "c": c if kind == "LSTM" else None}
