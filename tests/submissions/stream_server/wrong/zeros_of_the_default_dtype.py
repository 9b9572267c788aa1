# wrong: a new session's state is float32 and on the CPU, whatever the module is
# misconception: default_dtype
from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class StreamServer:
    """Runs ``rnn`` one time step at a time, for any sessions together.

    Args:
        rnn: a unidirectional, time-major ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``.
    """

    def __init__(self, rnn: nn.RNN | nn.GRU | nn.LSTM) -> None:
        self.rnn = rnn
        # By name: the hidden state (L, H) of each live session; for an LSTM the cell state stands behind it.
        self.states: dict[str, tuple[Tensor, ...]] = {}

    @torch.no_grad()
    def step(self, session_ids: list[str], inputs: Tensor) -> Tensor:
        """One time step: ``inputs (B, I)``, row i for ``session_ids[i]``, to outputs ``(B, H)``.

        Raises:
            ValueError: if a session is named twice or the shape of ``inputs`` isn't ``(B, I)``;
                everything is then as it was.
        """
        if len(set(session_ids)) != len(session_ids):
            raise ValueError(f"expected every session once, got {session_ids}")
        expected = (len(session_ids), self.rnn.input_size)
        if inputs.shape != expected:
            raise ValueError(f"expected inputs of shape {expected}, got {tuple(inputs.shape)}")
        zeros = self._zeros(inputs)
        before = [self.states.get(name, zeros) for name in session_ids]
        batched = [torch.stack(parts, dim=1) for parts in zip(*before, strict=True)]  # (L, B, H) each
        outputs, after = self.rnn(inputs.unsqueeze(0), tuple(batched) if len(batched) == 2 else batched[0])
        for i, name in enumerate(session_ids):
            # Copies: a view would keep the states of all other sessions of this batch alive.
            parts = after if isinstance(after, tuple) else (after,)
            self.states[name] = tuple(part[:, i].clone() for part in parts)
        return outputs[0]

    def _zeros(self, inputs: Tensor) -> tuple[Tensor, ...]:
        """The state of a session that begins."""
        layers, hidden_size = self.rnn.num_layers, self.rnn.hidden_size
        hidden = torch.zeros(layers, self.rnn.proj_size or hidden_size)
        if isinstance(self.rnn, nn.LSTM):
            return hidden, torch.zeros(layers, hidden_size)
        return (hidden,)

    def end(self, session_id: str) -> None:
        """Forget a session. Raises ``KeyError`` if there is none of that name."""
        del self.states[session_id]

    def export(self) -> dict[str, Any]:
        """A copy of all sessions: tensors by name, which ``torch.save`` writes."""
        return {name: [part.clone() for part in state] for name, state in self.states.items()}

    @classmethod
    def restore(cls, rnn: nn.RNN | nn.GRU | nn.LSTM, exported: dict[str, Any]) -> StreamServer:
        """A server that goes on from what ``export`` gave, with a copy of its own."""
        server = cls(rnn)
        server.states = {name: tuple(part.clone() for part in state) for name, state in exported.items()}
        return server
