"""predict_shapes: what shapes come out of a recurrent module, by arithmetic alone."""


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
    """Say what shapes `nn.RNN`, `nn.GRU` or `nn.LSTM` returns, without making or running it.

    Args:
        kind: "RNN", "GRU" or "LSTM".
        input_shape: shape of the input: (T, B, I), or (B, T, I) if `batch_first`; or (T, I) for a
            single sequence without a batch axis, whatever `batch_first` says.
        input_size, hidden_size, num_layers, bidirectional, batch_first, proj_size: as for the
            module; `proj_size=0` means no projection.
        state_shape: shape of the initial `h` that the module is called with; None if it is
            called without one.

    Returns:
        A new dict: "output", "h" and "c" with the shapes of the outputs and of the final
        state, as tuples of ints; "c" is None for an RNN and a GRU.

    Raises:
        ValueError: with a message, exactly where `torch.nn` refuses the module, the input or the state.
    """
    raise NotImplementedError
