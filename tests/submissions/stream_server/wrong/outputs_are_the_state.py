# wrong: hands out its own states as outputs, for the caller to write into
# misconception: none
import torch
from torch import nn


class StreamServer:
    def __init__(self, rnn):
        self.rnn = rnn
        self.states = {}

    def _zeros(self):
        rnn, weight = self.rnn, self.rnn.weight_ih_l0
        state = [weight.new_zeros(rnn.num_layers, rnn.proj_size or rnn.hidden_size)]
        if isinstance(rnn, nn.LSTM):
            state.append(weight.new_zeros(rnn.num_layers, rnn.hidden_size))
        return state

    def step(self, session_ids, inputs):
        if len(set(session_ids)) != len(session_ids):
            raise ValueError("a session is named twice")
        if inputs.shape != (len(session_ids), self.rnn.input_size):
            raise ValueError("inputs must be (B, I)")
        before = [self.states[name] if name in self.states else self._zeros() for name in session_ids]
        parts = [torch.stack(part, dim=1) for part in zip(*before)]
        with torch.no_grad():
            outputs, after = self.rnn(inputs.unsqueeze(0), tuple(parts) if len(parts) == 2 else parts[0])
        after = after if isinstance(after, tuple) else (after,)
        for i, name in enumerate(session_ids):
            self.states[name] = [part[:, i].contiguous() for part in after]
        return after[0][-1]

    def end(self, session_id):
        del self.states[session_id]

    def export(self):
        return {
            "names": list(self.states),
            "states": [[part.clone() for part in state] for state in self.states.values()],
        }

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        for name, state in zip(exported["names"], exported["states"]):
            server.states[name] = [part.clone() for part in state]
        return server
