# right: axes by letter, shapes are spelled as strings and looked up
from functools import partial


def spell(letters, sizes):
    return tuple(sizes[letter] for letter in letters)


def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    def require(condition, message):
        if not condition:
            raise ValueError(message)

    require(kind in ("RNN", "GRU", "LSTM"), "kind must be RNN, GRU or LSTM")
    require(input_size > 0, "input_size must be greater than zero")
    require(hidden_size > 0, "hidden_size must be greater than zero")
    require(num_layers > 0, "num_layers must be greater than zero")
    require(proj_size == 0 or kind == "LSTM", "only LSTM projects")
    require(0 <= proj_size < hidden_size, "proj_size must be in [0, hidden_size)")
    require(2 <= len(input_shape) <= 3, "input must be 2-D or 3-D")

    axes = "TI" if len(input_shape) == 2 else "BTI" if batch_first else "TBI"
    sizes = dict(zip(axes, input_shape))
    require(sizes["I"] == input_size, "features do not match input_size")
    require(sizes["T"] > 0, "sequence length must be larger than 0")

    directions = 2 if bidirectional else 1
    sizes["S"] = num_layers * directions
    sizes["C"] = hidden_size
    sizes["H"] = proj_size if proj_size > 0 else hidden_size
    sizes["O"] = directions * sizes["H"]

    shape = partial(spell, sizes=sizes)
    batch = "B" if "B" in axes else ""
    result = {"output": shape(axes.replace("I", "O")), "h": shape("S" + batch + "H"), "c": None}
    if kind == "LSTM":
        result["c"] = shape("S" + batch + "C")
    require(state_shape is None or tuple(state_shape) == result["h"], "state has the wrong shape")
    return result
