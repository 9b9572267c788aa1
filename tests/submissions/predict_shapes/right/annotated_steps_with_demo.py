# right: TypedDict, Literal and NamedTuple, torch.Size arithmetic, demo against torch at the end
from typing import Literal, NamedTuple, Optional, TypedDict

import torch

Shape = tuple[int, ...]


class Shapes(TypedDict):
    output: Shape
    h: Shape
    c: Optional[Shape]


class Layout(NamedTuple):
    time: int
    batch: Shape


def layout(shape: Shape, batch_first: bool) -> Layout:
    if len(shape) == 2:
        return Layout(shape[0], ())
    if len(shape) == 3:
        leading = shape[:2][::-1] if batch_first else shape[:2]
        return Layout(leading[0], leading[1:])
    raise ValueError(f"input must be 2-D or 3-D, got {len(shape)}-D")


def predict_shapes(kind: Literal["RNN", "GRU", "LSTM"], input_shape, *, input_size: int, hidden_size: int,
                   num_layers: int = 1, bidirectional: bool = False, batch_first: bool = False, proj_size: int = 0,
                   state_shape=None) -> Shapes:
    lstm = {"RNN": False, "GRU": False, "LSTM": True}.get(kind)
    if lstm is None:
        raise ValueError(f"unknown kind {kind!r}")
    if not all(size > 0 for size in (input_size, hidden_size, num_layers)):
        raise ValueError("input_size, hidden_size and num_layers must be greater than zero")
    if proj_size not in range(0, hidden_size if lstm else 1):
        raise ValueError(f"proj_size={proj_size} does not fit {kind} with hidden_size={hidden_size}")
    shape = tuple(input_shape)
    time, batch = layout(shape, batch_first)
    if shape[-1] != input_size:
        raise ValueError(f"expected {input_size} features, got {shape[-1]}")
    if not time:
        raise ValueError("expected sequence length to be larger than 0")

    directions = int(bidirectional) + 1
    rows = num_layers * directions
    h = tuple(torch.Size((rows,) + batch + (proj_size or hidden_size,)))
    if state_shape is not None and torch.Size(state_shape) != torch.Size(h):
        raise ValueError(f"expected a state of {h}, got {tuple(state_shape)}")
    return Shapes(output=shape[:-1] + (directions * h[-1],), h=h,
                  c=(rows,) + batch + (hidden_size,) if lstm else None)


if __name__ == "__main__":
    out, (h_n, c_n) = torch.nn.LSTM(3, 5, 2, bidirectional=True, proj_size=2)(torch.zeros(4, 6, 3))
    print(predict_shapes("LSTM", (4, 6, 3), input_size=3, hidden_size=5, num_layers=2, bidirectional=True, proj_size=2))
    print(out.shape, h_n.shape, c_n.shape)
