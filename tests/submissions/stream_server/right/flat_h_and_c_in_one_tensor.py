# right: h and c of a session in one flat tensor, split on the way in and joined on the way out
import functools
import torch
from torch import nn, Tensor


class StreamServer:
    def __init__(self, rnn: nn.RNNBase):
        self.rnn = rnn
        self.flat: dict[str, Tensor] = {}

    @functools.cached_property
    def widths(self) -> list[int]:
        first = self.rnn.proj_size or self.rnn.hidden_size
        return [first, self.rnn.hidden_size] if self.rnn.mode == "LSTM" else [first]

    def step(self, session_ids: list[str], inputs: Tensor) -> Tensor:
        self._check(session_ids, inputs)
        p = next(iter(self.rnn.parameters()))
        empty = torch.zeros(self.rnn.num_layers, sum(self.widths), dtype=p.dtype, device=p.device)
        joined = torch.stack([self.flat.get(name, empty) for name in session_ids], dim=1)
        state = tuple(part.contiguous() for part in joined.split(self.widths, dim=-1))
        x = inputs.detach()
        x = x.reshape(x.shape[0], 1, -1) if self.rnn.batch_first else x.reshape(1, *x.shape)
        with torch.set_grad_enabled(False):
            out, new = self.rnn(x, state if len(state) == 2 else state[0])
            joined = torch.cat(new, dim=-1) if len(state) == 2 else new
        for name, column in zip(session_ids, joined.unbind(1)):
            self.flat[name] = column.clone()
        return out.reshape(x.numel() // x.shape[-1], out.shape[-1])

    def _check(self, session_ids, inputs):
        if len(session_ids) != len(set(session_ids)):
            raise ValueError("session named twice")
        match tuple(inputs.shape):
            case (b, i) if b == len(session_ids) and i == self.rnn.input_size:
                return
            case wrong:
                raise ValueError(f"inputs of shape {wrong} for {len(session_ids)} sessions")

    def end(self, session_id: str) -> None:
        self.flat.pop(session_id)

    def export(self) -> dict:
        return {"flat": {name: t.clone() for name, t in self.flat.items()}}

    @classmethod
    def restore(cls, rnn, exported: dict) -> "StreamServer":
        server = cls(rnn)
        to = functools.partial(torch.Tensor.to, device=next(rnn.parameters()).device, copy=True)
        server.flat = {name: to(t) for name, t in exported["flat"].items()}
        return server
