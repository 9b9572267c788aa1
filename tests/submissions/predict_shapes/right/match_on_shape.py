# right: match statements on the shape and on the kind
import torch  # not needed in the end


def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    if min(input_size, hidden_size, num_layers) <= 0:
        raise ValueError("sizes must be greater than zero")

    match kind, proj_size:
        case ("RNN" | "GRU" | "LSTM"), 0:
            features = hidden_size
        case "LSTM", p if 0 < p < hidden_size:
            features = p
        case _:
            raise ValueError(f"a {kind} with proj_size={proj_size} cannot be built")

    match list(input_shape):
        case [t, i]:
            batch = []
        case [b, t, i] if batch_first:
            batch = [b]
        case [t, b, i]:
            batch = [b]
        case _:
            raise ValueError("input must be 2-D or 3-D")
    if i != input_size or t == 0:
        raise ValueError(f"input of shape {tuple(input_shape)} does not fit")

    d = 2 if bidirectional else 1
    h = tuple([num_layers * d] + batch + [features])
    match state_shape:
        case None:
            pass
        case shape if tuple(shape) != h:
            raise ValueError(f"state must be {h}")

    output = tuple(list(input_shape)[:-1] + [d * features])
    c = tuple([num_layers * d] + batch + [hidden_size]) if kind == "LSTM" else None
    return {"output": output, "h": h, "c": c}
