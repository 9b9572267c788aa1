# MISTAKE: for its fast path the server keeps the caller's own list of names, not a copy. A caller who reuses one list and
#   changes it between the calls always compares equal with himself, and gets the state in the old order.
# BREAKS: "Each session's outputs equal running its inputs alone ... any sessions together, in any order".
# SHOWN BY: ids = ["a", "b"]; step(ids, x); ids.reverse(); step(ids, y): a gets b's state.

import torch
from torch import nn


class StreamServer:
    def __init__(self, rnn):
        self.rnn = rnn
        self.sessions = {}
        self._forget_batch()

    def _forget_batch(self):
        self._batch_ids = None
        self._batch_state = None

    def _zeros(self):
        w = self.rnn.weight_hh_l0
        widths = (w.shape[1], self.rnn.hidden_size) if isinstance(self.rnn, nn.LSTM) else (w.shape[1],)
        return tuple(w.new_zeros(self.rnn.num_layers, width) for width in widths)

    @torch.no_grad()
    def step(self, session_ids, inputs):
        if len(set(session_ids)) != len(session_ids):
            raise ValueError("each session may be named once")
        if inputs.shape != (len(session_ids), self.rnn.input_size):
            raise ValueError("inputs must be (B, I)")
        if session_ids == self._batch_ids:
            state = self._batch_state
        else:
            columns = [self.sessions.get(name) or self._zeros() for name in session_ids]
            state = tuple(torch.stack(part, dim=1) for part in zip(*columns))
        out, new = self.rnn(inputs.unsqueeze(0), state if isinstance(self.rnn, nn.LSTM) else state[0])
        new = new if isinstance(new, tuple) else (new,)
        for i, name in enumerate(session_ids):
            self.sessions[name] = tuple(part[:, i] for part in new)
        self._batch_ids, self._batch_state = session_ids, new
        return out.squeeze(0).clone()

    def end(self, session_id):
        del self.sessions[session_id]
        self._forget_batch()

    def export(self):
        return {name: [part.clone() for part in column] for name, column in self.sessions.items()}

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        server.sessions = {name: tuple(part.clone() for part in column) for name, column in exported.items()}
        return server
