# right: each session stores a view of its column, which shares memory with the batch it last moved with
from __future__ import annotations

import enum
import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

log = logging.getLogger(__name__)


class StreamError(ValueError):
    """Base of all complaints of the server about its arguments."""


class DuplicateSession(StreamError):
    pass


class BadShape(StreamError):
    pass


class Kind(enum.Enum):
    SINGLE = "h"
    PAIR = "hc"

    @classmethod
    def of(cls, rnn: nn.RNNBase) -> Kind:
        return cls.PAIR if rnn.mode == "LSTM" else cls.SINGLE


@dataclass(frozen=True)
class Session:
    parts: tuple[Tensor, ...]

    @classmethod
    def begin(cls, rnn: nn.RNNBase) -> Session:
        like = rnn.weight_ih_l0
        widths = [rnn.proj_size if rnn.proj_size else rnn.hidden_size]
        if Kind.of(rnn) is Kind.PAIR:
            widths.append(rnn.hidden_size)
        return cls(tuple(torch.zeros(rnn.num_layers, w, dtype=like.dtype, device=like.device) for w in widths))

    def copy(self, device: torch.device | None = None) -> Session:
        return Session(tuple(p.detach().clone().to(device or p.device) for p in self.parts))


class StreamServer:
    def __init__(self, rnn: nn.RNNBase) -> None:
        self._rnn = rnn
        self._kind = Kind.of(rnn)
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def _validate(self, ids: list[str], inputs: Tensor) -> None:
        repeated = sorted({i for i in ids if ids.count(i) > 1})
        if repeated:
            raise DuplicateSession(f"named more than once: {repeated}")
        expected = (len(ids), self._rnn.input_size)
        if tuple(inputs.shape) != expected:
            raise BadShape(f"inputs: expected {expected}, got {tuple(inputs.shape)}")

    def step(self, session_ids: list[str], inputs: Tensor) -> Tensor:
        self._validate(session_ids, inputs)
        sessions = [self._sessions.get(i) or Session.begin(self._rnn) for i in session_ids]
        parts = tuple(torch.stack(p, dim=1) for p in zip(*(s.parts for s in sessions)))
        time_axis = 1 if self._rnn.batch_first else 0
        with torch.no_grad():
            out, state = self._rnn(inputs.unsqueeze(time_axis), parts if self._kind is Kind.PAIR else parts[0])
        parts = state if self._kind is Kind.PAIR else (state,)
        for i, name in enumerate(session_ids):
            self._sessions[name] = Session(tuple(p[:, i].detach() for p in parts))
        log.debug("stepped %d sessions", len(session_ids))
        return out.select(time_axis, 0)

    def end(self, session_id: str) -> None:
        if self._sessions.pop(session_id, None) is None:
            raise KeyError(session_id)

    def export(self) -> dict[str, Any]:
        return {
            "kind": self._kind.value,
            "sessions": [(name, list(s.copy().parts)) for name, s in self._sessions.items()],
        }

    @classmethod
    def restore(cls, rnn: nn.RNNBase, exported: dict[str, Any]) -> StreamServer:
        server = cls(rnn)
        for name, parts in exported["sessions"]:
            server._sessions[name] = Session(tuple(parts)).copy(rnn.weight_ih_l0.device)
        return server
