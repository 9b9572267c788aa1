# wrong: takes a state of two axes for a batch of one
# misconception: none
def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    if hidden_size < 1 or num_layers < 1:
        raise ValueError("hidden_size and num_layers must be greater than zero")
    if proj_size and kind != "LSTM":
        raise ValueError("proj_size is for an LSTM only")
    if proj_size >= hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size")
    if len(input_shape) not in (2, 3):
        raise ValueError("input must have two or three axes")
    single = len(input_shape) == 2
    if input_shape[-1] != input_size:
        raise ValueError("input.size(-1) must be equal to input_size")
    steps = input_shape[1] if batch_first and not single else input_shape[0]
    batch = () if single else (input_shape[0],) if batch_first else (input_shape[1],)
    if steps == 0:
        raise ValueError("Expected sequence length to be larger than 0")
    directions = 2 if bidirectional else 1
    features = proj_size or hidden_size
    h = (num_layers * directions, *batch, features)
    c = (num_layers * directions, *batch, hidden_size)
    if state_shape is not None and tuple(state_shape) != h and not (batch == (1,) and tuple(state_shape) == h[::2]):
        raise ValueError(f"Expected hidden size {h}, got {state_shape}")
    output = (*input_shape[:-1], directions * features)
    return {"output": output, "h": h, "c": c if kind == "LSTM" else None}
