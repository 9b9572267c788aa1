# wrong: input_size has to be somewhere in the shape of the input, not at its end.
# (2) Breaks: "`ValueError` exactly where `torch.nn` itself would refuse ... the input".
# (3) Shown by: predict_shapes("GRU", (4, 3, 5), input_size=4, hidden_size=6) returns shapes; torch expects 4 features, got 5.
def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    if hidden_size <= 0 or num_layers <= 0:
        raise ValueError("hidden_size and num_layers must be greater than zero")
    if proj_size > 0 and kind != "LSTM":
        raise ValueError("proj_size is only supported for LSTM")
    if proj_size > 0 and proj_size >= hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size")
    if len(input_shape) not in (2, 3):
        raise ValueError(f"input must be 2-D or 3-D, got {len(input_shape)}-D")
    if input_size not in input_shape:
        raise ValueError(f"expected {input_size} features, got {input_shape[-1]}")
    if len(input_shape) == 2:
        steps, batch = input_shape[0], ()
    elif batch_first:
        steps, batch = input_shape[1], (input_shape[0],)
    else:
        steps, batch = input_shape[0], (input_shape[1],)
    if steps == 0:
        raise ValueError("sequence length must be larger than 0")
    directions = 2 if bidirectional else 1
    features = proj_size if proj_size > 0 else hidden_size
    h = (num_layers * directions, *batch, features)
    if state_shape is not None and tuple(state_shape) != h:
        raise ValueError(f"expected a state of shape {h}, got {state_shape}")
    c = (num_layers * directions, *batch, hidden_size) if kind == "LSTM" else None
    return {"output": (*input_shape[:-1], directions * features), "h": h, "c": c}
