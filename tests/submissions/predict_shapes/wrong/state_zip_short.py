# wrong: the shape of the state is compared with zip, which ends at the shorter one
# misconception: state_not_checked
def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    if hidden_size <= 0 or num_layers <= 0:
        raise ValueError("hidden_size and num_layers have to be larger than 0")
    if proj_size > 0 and kind != "LSTM":
        raise ValueError("proj_size works with LSTM only")
    if proj_size >= hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size")

    if len(input_shape) == 2:
        T, features = input_shape
        batch = []
    elif len(input_shape) == 3:
        T, B, features = input_shape
        if batch_first:
            T, B = B, T
        batch = [B]
    else:
        raise ValueError("the input has to have 2 or 3 axes")
    if T == 0:
        raise ValueError("no time steps")
    if features != input_size:
        raise ValueError(f"{features} features instead of {input_size}")

    D = 2 if bidirectional else 1
    R = proj_size or hidden_size
    h = (num_layers * D, *batch, R)
    if state_shape is not None:
        if len(state_shape) not in (2, 3):
            raise ValueError("the state has to have 2 or 3 axes")
        for got, expected in zip(state_shape, h):
            if got != expected:
                raise ValueError(f"the state has to be {h}, not {tuple(state_shape)}")

    return {
        "output": (*input_shape[:-1], D * R),
        "h": h,
        "c": (num_layers * D, *batch, hidden_size) if kind == "LSTM" else None,
    }
