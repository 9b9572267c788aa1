# (1) The mistake: answers are remembered, but what they are remembered by does not contain `batch_first`: the same
#     question with the other `batch_first` gets the answer of the first one.
# (2) Breaks: "h" is "(num_layers * num_directions, B, H)" for the B that `batch_first` says; a state for that batch
#     is refused and one for the number of steps taken ("`ValueError` exactly where `torch.nn` itself would refuse").
# (3) Shown by: predict_shapes("GRU", (7, 3, 4), input_size=4, hidden_size=6), and then the same with
#     batch_first=True: "h" is (1, 3, 6) both times, where the second should be (1, 7, 6).

_answers = {}


def _shapes(kind, input_shape, input_size, hidden_size, num_layers, bidirectional, proj_size, batch_first):
    if hidden_size <= 0 or num_layers <= 0:
        raise ValueError("hidden_size and num_layers must be greater than zero")
    if proj_size and (kind != "LSTM" or proj_size >= hidden_size):
        raise ValueError("proj_size is for LSTM only and has to be smaller than hidden_size")
    if len(input_shape) not in (2, 3):
        raise ValueError(f"expected input to be 2D or 3D, got {len(input_shape)}D")
    if input_shape[-1] != input_size:
        raise ValueError(f"expected {input_size} features, got {input_shape[-1]}")
    batched = len(input_shape) == 3
    if input_shape[1 if batched and batch_first else 0] == 0:
        raise ValueError("expected sequence length to be larger than 0")
    batch = (input_shape[0 if batch_first else 1],) if batched else ()
    directions = 2 if bidirectional else 1
    features = proj_size or hidden_size
    h = (num_layers * directions,) + batch + (features,)
    c = (num_layers * directions,) + batch + (hidden_size,) if kind == "LSTM" else None
    return {"output": input_shape[:-1] + (directions * features,), "h": h, "c": c}


def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    key = (kind, tuple(input_shape), input_size, hidden_size, num_layers, bool(bidirectional), proj_size)
    if key not in _answers:
        _answers[key] = _shapes(*key, batch_first)
    answer = dict(_answers[key])
    if state_shape is not None and tuple(state_shape) != answer["h"]:
        raise ValueError(f"expected hidden size {answer['h']}, got {tuple(state_shape)}")
    return answer
