# right: golfed, one condition for all refusals
def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    *s, i = x = tuple(input_shape) or (0,)
    d, p, n, lstm = 1 + bool(bidirectional), proj_size, len(x), kind == "LSTM"
    b = tuple(s[:1] if batch_first else s[1:]) if n == 3 else ()
    h = num_layers * d, *b, p or hidden_size
    if (
        kind not in ("RNN", "GRU", "LSTM") or n not in (2, 3) or i != input_size or s[n == 3 and batch_first] < 1
        or min(input_size, hidden_size, num_layers) < 1 or p < 0 or p >= hidden_size or p > 0 and not lstm
        or state_shape is not None and tuple(state_shape) != h
    ):
        raise ValueError(f"torch.nn.{kind} would refuse this")
    return dict(output=(*s, d * h[-1]), h=h, c=(*h[:-1], hidden_size) if lstm else None)
