# wrong: end takes the name out of the middle but cuts off the last column of the pool
# misconception: none
import torch
from torch import nn


class StreamServer:
    def __init__(self, rnn):
        self.rnn = rnn
        self.names = []      # column i belongs to names[i]
        self.pool = []       # [h] or [h, c], each (L, N, features)

    def _zeros(self, n):
        r, w = self.rnn, self.rnn.weight_ih_l0
        sizes = [r.proj_size or r.hidden_size] + [r.hidden_size] * isinstance(r, nn.LSTM)
        return [w.new_zeros((r.num_layers, n, size)) for size in sizes]

    def step(self, session_ids, inputs):
        if len(set(session_ids)) < len(session_ids):
            raise ValueError("duplicate session id")
        if list(inputs.shape) != [len(session_ids), self.rnn.input_size]:
            raise ValueError("bad input shape")
        new_names = self.names + [s for s in session_ids if s not in self.names]
        fresh = self._zeros(len(new_names) - len(self.names))
        pool = [torch.cat([p, f], 1) for p, f in zip(self.pool or self._zeros(0), fresh)]
        where = {name: i for i, name in enumerate(new_names)}
        index = torch.tensor([where[s] for s in session_ids], device=pool[0].device)
        picked = [p.index_select(1, index) for p in pool]
        with torch.no_grad():
            dim = int(self.rnn.batch_first)
            out, state = self.rnn(inputs.unsqueeze(dim), tuple(picked) if len(picked) == 2 else picked[0])
        state = state if isinstance(state, tuple) else (state,)
        self.pool = [p.index_copy(1, index, s) for p, s in zip(pool, state)]
        self.names = new_names
        return out.squeeze(dim)

    def end(self, session_id):
        if session_id not in self.names:
            raise KeyError(f"no session {session_id!r}")
        i = self.names.index(session_id)
        self.names = self.names[:i] + self.names[i + 1:]
        self.pool = [p[:, :len(self.names)].clone() for p in self.pool] if self.names else []

    def export(self):
        return {"names": list(self.names), "pool": [p.clone() for p in self.pool]}

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        server.names = list(exported["names"])
        server.pool = [p.clone().to(rnn.weight_ih_l0.device) for p in exported["pool"]]
        return server
