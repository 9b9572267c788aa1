"""The stateful loop: a recurrent network that goes on where its last call ended."""

from torch import Tensor, nn


class StatefulRNN(nn.Module):
    """Carries the state of ``rnn`` from call to call and cuts the graph between the calls.

    Args:
        rnn: a unidirectional, time-major ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``.

    Raises:
        ValueError: if ``rnn`` is bidirectional: its backward direction starts at the end
            of the sequence, and a stream has none.
    """

    hidden_state: Tensor | None
    cell_state: Tensor | None

    def __init__(self, rnn: nn.RNN | nn.GRU | nn.LSTM) -> None:
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("expected a unidirectional rnn, got a bidirectional one")
        self.rnn = rnn
        # Not persistent: they follow .to(), but are no part of what is learned and saved.
        self.register_buffer("hidden_state", None, persistent=False)
        self.register_buffer("cell_state", None, persistent=False)

    @property
    def state(self) -> Tensor | tuple[Tensor, Tensor] | None:
        """The state the next call starts from, cut from the graph; ``None`` before the first.

        Shape ``(L, B, H)``; for an LSTM the pair ``(h, c)``, ``h`` with ``proj_size``
        features if the module projects.
        """
        if self.hidden_state is not None and self.cell_state is not None:
            return self.hidden_state, self.cell_state
        return self.hidden_state

    def forward(self, inputs: Tensor) -> Tensor:
        """Run ``inputs (T, B, I)`` on from the current state; return the outputs ``(T, B, H)``.

        Raises:
            ValueError: if B isn't the batch size of the current state.
        """
        if self.hidden_state is not None and inputs.dim() == 3:
            expected, got = self.hidden_state.size(1), inputs.size(1)
            if got != expected:
                raise ValueError(
                    f"expected a batch of {expected}, as in the last call, got {got}: "
                    "call reset() before the batch size changes"
                )
        outputs, state = self.rnn(inputs, self.state)
        # Only now, when nothing can fail any more, the new state takes the place of the old.
        if isinstance(state, tuple):
            h, c = state
            self.hidden_state, self.cell_state = h.detach(), c.detach()
        else:
            self.hidden_state = state.detach()
        return outputs

    def reset(self, mask: Tensor | None = None) -> None:
        """Start anew: all sequences, or those where ``mask``, a bool tensor ``(B,)``, is True.

        Raises:
            ValueError: if the shape of ``mask`` isn't ``(B,)``.
        """
        if mask is None:
            self.hidden_state = self.cell_state = None
            return
        if self.hidden_state is None:
            return
        batch_size = self.hidden_state.size(1)
        if mask.shape != (batch_size,):
            raise ValueError(f"expected a mask of shape ({batch_size},), got {tuple(mask.shape)}")
        # New tensors: the last call's graph may still need the old ones for its backward.
        # Filled, not multiplied: NaN times zero is NaN.
        column = mask.unsqueeze(1)  # (B, 1), against (L, B, H)
        self.hidden_state = self.hidden_state.masked_fill(column, 0.0)
        if self.cell_state is not None:
            self.cell_state = self.cell_state.masked_fill(column, 0.0)
