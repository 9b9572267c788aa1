# right: a class for each kind, the LSTM overrides what differs
class RNN:
    allows_projection = False

    def __init__(self, input_size, hidden_size, num_layers, bidirectional, batch_first, proj_size):
        if input_size <= 0 or hidden_size <= 0 or num_layers <= 0:
            raise ValueError("input_size, hidden_size and num_layers must be greater than zero")
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.layers = num_layers
        self.directions = 2 if bidirectional else 1
        self.batch_axis = 0 if batch_first else 1
        self.check_projection(proj_size)

    def check_projection(self, proj_size):
        if proj_size != 0:
            raise ValueError(f"{type(self).__name__} has no projection")
        self.out = self.hidden_size

    def state(self, batch, features):
        return (self.layers * self.directions,) + batch + (features,)

    def cell_state(self, batch):
        return None

    def run(self, shape, state_shape):
        if len(shape) not in (2, 3) or shape[-1] != self.input_size:
            raise ValueError(f"bad input shape {shape}")
        batch = (shape[self.batch_axis],) if len(shape) == 3 else ()
        time = shape[1 - self.batch_axis] if batch else shape[0]
        if time == 0:
            raise ValueError("sequence length must be larger than 0")
        h = self.state(batch, self.out)
        if state_shape is not None and tuple(state_shape) != h:
            raise ValueError(f"bad state shape {tuple(state_shape)}, expected {h}")
        return {"output": shape[:-1] + (self.directions * self.out,), "h": h, "c": self.cell_state(batch)}


class GRU(RNN):
    pass


class LSTM(RNN):
    def check_projection(self, proj_size):
        if proj_size < 0 or proj_size >= self.hidden_size:
            raise ValueError("proj_size must be at least 0 and less than hidden_size")
        self.out = proj_size if proj_size else self.hidden_size

    def cell_state(self, batch):
        return self.state(batch, self.hidden_size)


KINDS = {cls.__name__: cls for cls in (RNN, GRU, LSTM)}


def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None):
    if kind not in KINDS:
        raise ValueError(f"no such kind: {kind}")
    module = KINDS[kind](input_size, hidden_size, num_layers, bidirectional, batch_first, proj_size)
    return module.run(tuple(input_shape), state_shape)
