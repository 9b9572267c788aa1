# wrong: list.remove(input_size) is meant to take away the axis of the features, and takes the first axis of that
#     size: where the first axis is as long as the features, the other two come out swapped.
# (2) Breaks: `output` and `h` as "`torch.nn`" returns them: h is "`(num_layers * num_directions, B, H)`".
# (3) Shown by: predict_shapes("GRU", (4, 3, 4), input_size=4, hidden_size=6): h is (1, 4, 6), should be (1, 3, 6).
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
    if input_shape[-1] != input_size:
        raise ValueError(f"expected {input_size} features, got {input_shape[-1]}")
    lead = list(input_shape)
    lead.remove(input_size)
    if len(lead) == 1:
        steps, batch = lead[0], ()
    elif batch_first:
        steps, batch = lead[1], (lead[0],)
    else:
        steps, batch = lead[0], (lead[1],)
    if steps == 0:
        raise ValueError("sequence length must be larger than 0")
    directions = 2 if bidirectional else 1
    features = proj_size if proj_size > 0 else hidden_size
    h = (num_layers * directions, *batch, features)
    if state_shape is not None and tuple(state_shape) != h:
        raise ValueError(f"expected a state of shape {h}, got {state_shape}")
    c = (num_layers * directions, *batch, hidden_size) if kind == "LSTM" else None
    return {"output": (*lead, directions * features), "h": h, "c": c}
