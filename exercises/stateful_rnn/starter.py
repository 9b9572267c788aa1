"""Starter for stateful_rnn: fill in the class, keep the names."""

from torch import Tensor, nn


class StatefulRNN(nn.Module):
    """Runs ``rnn`` on a stream, one chunk a call, and keeps the state between the calls.

    Args:
        rnn: a unidirectional, time-major ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM`` with L layers,
            input size I and hidden size H.

    Raises:
        ValueError: if ``rnn`` is bidirectional.
    """

    def __init__(self, rnn: nn.RNN | nn.GRU | nn.LSTM) -> None:
        super().__init__()
        raise NotImplementedError

    def forward(self, inputs: Tensor) -> Tensor:
        """Go on from where the last call ended.

        Args:
            inputs: ``(T, B, I)``, in the dtype and on the device of ``rnn``'s parameters.

        Returns:
            The outputs ``(T, B, H)`` (``proj_size`` features if ``rnn`` projects). They can be
            backpropagated; the gradient ends where this call began.

        Raises:
            ValueError: if B is not that of the calls before and there was no full ``reset()``.
                After this error, and after any that ``rnn`` raises, the state is as it was.
        """
        raise NotImplementedError

    def reset(self, mask: Tensor | None = None) -> None:
        """Forget the state, of all sequences or of some.

        Args:
            mask: ``None`` to forget everything; or a bool tensor ``(B,)``, True for each
                sequence that starts anew. The others keep their state bit for bit. Before
                any call a mask does nothing.

        Raises:
            ValueError: if the shape of ``mask`` is not ``(B,)``. The state is as it was.
        """
        raise NotImplementedError

    @property
    def state(self) -> Tensor | tuple[Tensor, Tensor] | None:
        """The current state, cut from the graph; ``None`` if there is none.

        ``(L, B, H)`` for an RNN or GRU; for an LSTM the pair ``(h, c)``, each ``(L, B, H)``
        (``h`` has ``proj_size`` features if ``rnn`` projects).
        """
        raise NotImplementedError
