# wrong: counts the features by making a list of them
# misconception: module_built
def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    if min(input_size, hidden_size, num_layers) < 1:
        raise ValueError("sizes must be at least 1")
    if proj_size and (kind != "LSTM" or proj_size >= hidden_size):
        raise ValueError("proj_size must be smaller than hidden_size, and for an LSTM")
    if len(input_shape) not in (2, 3):
        raise ValueError("input must have 2 or 3 axes")
    if input_shape[-1] != input_size:
        raise ValueError(f"expected {input_size} features, got {input_shape[-1]}")
    batched = len(input_shape) == 3
    steps = input_shape[1 if batched and batch_first else 0]
    if steps == 0:
        raise ValueError("an empty sequence")
    batch = [input_shape[0 if batch_first else 1]] if batched else []
    directions = 2 if bidirectional else 1
    features = len([None for _ in range(proj_size or hidden_size)])
    output = (*input_shape[:-1], directions * features)
    h = (num_layers * directions, *batch, features)
    c = (num_layers * directions, *batch, hidden_size) if kind == "LSTM" else None
    if state_shape is not None and tuple(state_shape) != h:
        raise ValueError(f"expected a state of shape {h}, got {tuple(state_shape)}")
    return {"output": output, "h": h, "c": c}
