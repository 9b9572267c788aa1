"""The shape rules of recurrent modules, in integers."""


def predict_shapes(
    kind: str,
    input_shape: tuple[int, ...],
    *,
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    bidirectional: bool = False,
    batch_first: bool = False,
    proj_size: int = 0,
    state_shape: tuple[int, ...] | None = None,
) -> dict[str, tuple[int, ...] | None]:
    """Say what ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM`` would return, without making it.

    Returns:
        The shapes of ``output``, ``h`` and ``c``; ``c`` is ``None`` but for an LSTM.

    Raises:
        ValueError: where ``torch.nn`` refuses the module, the input or the state.
    """
    check_module(kind, input_size, hidden_size, num_layers, proj_size)
    check_input(input_shape, input_size, batch_first)

    directions = 2 if bidirectional else 1
    features = proj_size or hidden_size  # of each direction's output, and of h
    # The state has the batch axis exactly if the input has one, and always in the middle.
    batch = () if len(input_shape) == 2 else (input_shape[0 if batch_first else 1],)
    h = (num_layers * directions, *batch, features)
    c = (num_layers * directions, *batch, hidden_size)
    if state_shape is not None and tuple(state_shape) != h:
        raise ValueError(f"expected a state of shape {h}, got {tuple(state_shape)}")

    return {
        "output": (*input_shape[:-1], directions * features),  # of the last layer, and of every step
        "h": h,
        "c": c if kind == "LSTM" else None,
    }


def check_module(kind: str, input_size: int, hidden_size: int, num_layers: int, proj_size: int) -> None:
    """Raise a ``ValueError`` where ``torch.nn`` refuses to build the module."""
    sizes = {"input_size": input_size, "hidden_size": hidden_size, "num_layers": num_layers}
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"expected {name} of at least 1, got {size}")
    if proj_size != 0 and kind != "LSTM":
        raise ValueError(f"only an LSTM can project, got proj_size={proj_size} for {kind}")
    if not 0 <= proj_size < hidden_size:
        raise ValueError(f"expected a proj_size smaller than hidden_size ({hidden_size}), got {proj_size}")


def check_input(input_shape: tuple[int, ...], input_size: int, batch_first: bool) -> None:
    """Raise a ``ValueError`` where ``torch.nn`` refuses the input."""
    if len(input_shape) not in (2, 3):
        raise ValueError(f"expected an input with 2 or 3 axes, got {len(input_shape)}")
    if input_shape[-1] != input_size:
        raise ValueError(f"expected {input_size} features, got {input_shape[-1]}")
    time_axis = 1 if batch_first and len(input_shape) == 3 else 0
    if input_shape[time_axis] == 0:
        raise ValueError("expected at least one step, got none")
