# (1) The mistake: later calls get a copy of the remembered dict, but the first one gets the remembered dict itself.
# (2) Breaks: "A new dict each call" (what is changed in the first answer shows in all later ones).
# (3) Shown by: a = predict_shapes(...); a["h"] = None; the same call again returns None for "h".

_known = {}


def _rows_and_features(kind, hidden_size, num_layers, bidirectional, proj_size):
    if hidden_size < 1 or num_layers < 1:
        raise ValueError("hidden_size and num_layers must be greater than zero")
    if proj_size > 0 and kind != "LSTM":
        raise ValueError("only an LSTM projects")
    if proj_size >= hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size")
    directions = 2 if bidirectional else 1
    return num_layers * directions, proj_size or hidden_size, directions


def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    question = (kind, tuple(input_shape), input_size, hidden_size, num_layers, bidirectional, batch_first, proj_size,
                None if state_shape is None else tuple(state_shape))
    if question in _known:
        return _known[question].copy()

    rows, features, directions = _rows_and_features(kind, hidden_size, num_layers, bidirectional, proj_size)
    if len(input_shape) not in (2, 3):
        raise ValueError("an input has two or three axes")
    if input_shape[-1] != input_size:
        raise ValueError("the input has the wrong number of features")
    batched = len(input_shape) == 3
    if input_shape[1 if batched and batch_first else 0] == 0:
        raise ValueError("the input has no steps")
    batch = [input_shape[0 if batch_first else 1]] if batched else []

    h = (rows, *batch, features)
    if state_shape is not None and tuple(state_shape) != h:
        raise ValueError("the state does not fit")
    answer = {"output": (*input_shape[:-1], directions * features), "h": h, "c": None}
    if kind == "LSTM":
        answer["c"] = (rows, *batch, hidden_size)
    _known[question] = answer
    return answer
