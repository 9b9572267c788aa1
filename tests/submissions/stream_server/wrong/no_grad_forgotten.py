# wrong: the call is made with gradients on, so each state hangs on all earlier steps
# misconception: graphs_kept
import torch
from torch import nn


class StreamServer:
    def __init__(self, rnn):
        self.rnn = rnn
        self.sessions = {}

    def _zero(self):
        rnn = self.rnn
        w = rnn.weight_ih_l0
        h = w.new_zeros(rnn.num_layers, rnn.proj_size or rnn.hidden_size)
        if isinstance(rnn, nn.LSTM):
            return (h, w.new_zeros(rnn.num_layers, rnn.hidden_size))
        return (h,)

    def step(self, session_ids, inputs):
        if len(set(session_ids)) != len(session_ids):
            raise ValueError("a session is named twice")
        if inputs.shape != (len(session_ids), self.rnn.input_size):
            raise ValueError(f"inputs have the wrong shape {tuple(inputs.shape)}")
        states = [self.sessions[s] if s in self.sessions else self._zero() for s in session_ids]
        state = tuple(torch.stack(parts, dim=1) for parts in zip(*states))
        x = inputs.unsqueeze(1 if self.rnn.batch_first else 0)
        if isinstance(self.rnn, nn.LSTM):
            out, new = self.rnn(x, state)
        else:
            out, new = self.rnn(x, state[0])
            new = (new,)
        for i, s in enumerate(session_ids):
            self.sessions[s] = tuple(part[:, i].clone() for part in new)
        return out.reshape(len(session_ids), -1).detach()

    def end(self, session_id):
        del self.sessions[session_id]

    def export(self):
        return {s: [t.detach().clone() for t in state] for s, state in self.sessions.items()}

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        device = rnn.weight_ih_l0.device
        server.sessions = {s: tuple(t.to(device).clone() for t in state) for s, state in exported.items()}
        return server
