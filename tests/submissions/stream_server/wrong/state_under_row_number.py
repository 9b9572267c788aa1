# wrong: the state is stored under the row number, not under the session's name
# misconception: state_by_position
import torch
from torch import nn


class StreamServer:
    def __init__(self, rnn):
        self.rnn = rnn
        self.sessions = {}
        self.names = set()

    def _zero(self):
        rnn = self.rnn
        w = rnn.weight_ih_l0
        h = w.new_zeros(rnn.num_layers, rnn.proj_size or rnn.hidden_size)
        if isinstance(rnn, nn.LSTM):
            return (h, w.new_zeros(rnn.num_layers, rnn.hidden_size))
        return (h,)

    @torch.no_grad()
    def step(self, session_ids, inputs):
        if len(set(session_ids)) != len(session_ids):
            raise ValueError("a session is named twice")
        if inputs.shape != (len(session_ids), self.rnn.input_size):
            raise ValueError(f"inputs have the wrong shape {tuple(inputs.shape)}")
        states = [self.sessions[i] if i in self.sessions else self._zero() for i in range(len(session_ids))]
        state = tuple(torch.stack(parts, dim=1) for parts in zip(*states))
        x = inputs.unsqueeze(1 if self.rnn.batch_first else 0)
        if isinstance(self.rnn, nn.LSTM):
            out, new = self.rnn(x, state)
        else:
            out, new = self.rnn(x, state[0])
            new = (new,)
        for i in range(len(session_ids)):
            self.sessions[i] = tuple(part[:, i].clone() for part in new)
        self.names.update(session_ids)
        return out.reshape(len(session_ids), -1)

    def end(self, session_id):
        self.names.remove(session_id)
        if not self.names:
            self.sessions = {}

    def export(self):
        return {"names": list(self.names), "states": {str(i): [t.clone() for t in s] for i, s in self.sessions.items()}}

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        device = rnn.weight_ih_l0.device
        server.names = set(exported["names"])
        for i, state in exported["states"].items():
            server.sessions[int(i)] = tuple(t.to(device).clone() for t in state)
        return server
