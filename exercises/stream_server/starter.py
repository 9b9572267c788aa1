"""Starter for stream_server: fill in the class, keep the names."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn


class StreamServer:
    """Runs ``rnn`` for many sessions, one time step a call, and keeps the state of each between the calls.

    Args:
        rnn: a unidirectional, time-major ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM`` with L layers,
            input size I and hidden size H. It stays as it is.
    """

    def __init__(self, rnn: nn.RNN | nn.GRU | nn.LSTM) -> None:
        raise NotImplementedError

    def step(self, session_ids: list[str], inputs: Tensor) -> Tensor:
        """One time step for each named session.

        Args:
            session_ids: B names, each once, in any order; any string is a name. A name that isn't
                live begins a session, from the zero state.
            inputs: ``(B, I)``, row i for ``session_ids[i]``, in the dtype and on the device of
                ``rnn``'s parameters.

        Returns:
            The outputs ``(B, H)`` (``proj_size`` features if ``rnn`` projects), row i for
            ``session_ids[i]``. They need no gradient.

        Raises:
            ValueError: if a session is named twice, or if the shape of ``inputs`` isn't ``(B, I)``.
                No session has then begun or moved on.
        """
        raise NotImplementedError

    def end(self, session_id: str) -> None:
        """Forget a session and give its memory back; its name may begin another one.

        Raises:
            KeyError: if no session of that name is live. Nothing has then changed.
        """
        raise NotImplementedError

    def export(self) -> dict[str, Any]:
        """All live sessions, as a copy.

        Returns:
            A dict of your own design, made of tensors, strings and containers only: what
            ``torch.save`` writes of it, ``torch.load(weights_only=True)`` reads back.
        """
        raise NotImplementedError

    @classmethod
    def restore(cls, rnn: nn.RNN | nn.GRU | nn.LSTM, exported: dict[str, Any]) -> StreamServer:
        """A new server whose sessions go on exactly from where they were at ``export``.

        Args:
            rnn: a module with the weights of the one before.
            exported: what ``export`` returned, or ``torch.load`` of it. It stays as it is.
        """
        raise NotImplementedError
