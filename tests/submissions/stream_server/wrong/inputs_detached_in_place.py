# wrong: the caller's inputs are detached in place
# misconception: none
import torch
from torch import nn


class StreamServer:
    def __init__(self, rnn):
        self.rnn = rnn
        self.sessions = {}

    def step(self, session_ids, inputs):
        if len(set(session_ids)) != len(session_ids):
            raise ValueError("double session")
        if inputs.shape != torch.Size([len(session_ids), self.rnn.input_size]):
            raise ValueError(f"shape of inputs is {tuple(inputs.shape)}")

        # no graph
        inputs.detach_()
        with torch.no_grad():
            known = [self.sessions.get(s) for s in session_ids]
            known = [self.empty() if k is None else k for k in known]
            state = tuple(torch.stack(k, dim=1) for k in zip(*known))
            outputs, state = self.rnn(inputs.unsqueeze(0), state if len(state) == 2 else state[0])
        if isinstance(state, torch.Tensor):
            state = (state,)
        for i, s in enumerate(session_ids):
            self.sessions[s] = tuple(part[:, i].clone() for part in state)
        return outputs[0]

    def empty(self):
        p = next(self.rnn.parameters()).detach()
        h = p.new_zeros(self.rnn.num_layers, self.rnn.proj_size or self.rnn.hidden_size)
        return (h, p.new_zeros(self.rnn.num_layers, self.rnn.hidden_size)) if isinstance(self.rnn, nn.LSTM) else (h,)

    def end(self, session_id):
        del self.sessions[session_id]

    def export(self):
        return {"names": list(self.sessions), "states": [[t.clone() for t in s] for s in self.sessions.values()]}

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        for name, state in zip(exported["names"], exported["states"]):
            server.sessions[name] = tuple(t.clone() for t in state)
        return server
