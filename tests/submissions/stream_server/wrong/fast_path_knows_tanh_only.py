# wrong: a plain RNN is run by hand, since one step of it is one line; the line says tanh, also for nonlinearity="relu".
# (2) BREAKS: "Each session's outputs equal running its inputs alone".
# (3) SHOWN BY: nn.RNN(2, 3, nonlinearity="relu").
import torch
import torch.nn.functional as F
from torch import nn


class StreamServer:
    def __init__(self, rnn):
        self.rnn = rnn
        self._sessions = {}  # name -> tuple of tensors (L, features)

    def _zeros(self):
        weight = next(self.rnn.parameters())
        h = weight.new_zeros(self.rnn.num_layers, self.rnn.proj_size or self.rnn.hidden_size)
        if isinstance(self.rnn, nn.LSTM):
            return h, weight.new_zeros(self.rnn.num_layers, self.rnn.hidden_size)
        return (h,)

    def _check(self, session_ids, inputs):
        if len(set(session_ids)) != len(session_ids):
            raise ValueError("a session is named twice")
        if inputs.shape != (len(session_ids), self.rnn.input_size):
            raise ValueError(f"inputs have the shape {tuple(inputs.shape)}")

    def _run_plain_rnn(self, x, h):
        # much faster than nn.RNN for a single step
        new = []
        for layer in range(self.rnn.num_layers):
            names = ["weight_ih", "bias_ih", "weight_hh", "bias_hh"]
            w_ih, b_ih, w_hh, b_hh = (getattr(self.rnn, f"{name}_l{layer}", None) for name in names)
            x = torch.tanh(F.linear(x, w_ih, b_ih) + F.linear(h[layer], w_hh, b_hh))
            new.append(x)
        return x.unsqueeze(0), torch.stack(new)

    @torch.no_grad()
    def step(self, session_ids, inputs):
        self._check(session_ids, inputs)
        old = [self._sessions.get(name) or self._zeros() for name in session_ids]
        state = tuple(torch.stack(parts, dim=1) for parts in zip(*old))
        if isinstance(self.rnn, nn.RNN):
            outputs, state = self._run_plain_rnn(inputs, state[0])
        else:
            outputs, state = self.rnn(inputs.unsqueeze(0), state if len(state) == 2 else state[0])
        parts = state if isinstance(state, tuple) else (state,)
        for i, name in enumerate(session_ids):
            self._sessions[name] = tuple(part[:, i].clone() for part in parts)
        return outputs[0]

    def end(self, session_id):
        del self._sessions[session_id]

    def export(self):
        return {
            "names": list(self._sessions),
            "states": [[part.clone() for part in state] for state in self._sessions.values()],
        }

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        for name, state in zip(exported["names"], exported["states"]):
            server._sessions[name] = tuple(part.clone() for part in state)
        return server
