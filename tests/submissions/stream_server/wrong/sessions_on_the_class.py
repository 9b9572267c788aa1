# wrong: the dict of sessions is a class attribute, so all servers share their sessions
# misconception: sessions_shared_by_servers
import torch
import torch.nn as nn


class StreamServer(nn.Module):
    sessions = {}

    def __init__(self, rnn):
        super().__init__()
        self.rnn = rnn
        self.steps_served = 0

    def forward(self, x, state):
        if self.rnn.batch_first:
            out, state = self.rnn(x.unsqueeze(1), state)
            return out[:, 0], state
        out, state = self.rnn(x.unsqueeze(0), state)
        return out[0], state

    def initial(self):
        p = self.rnn.weight_hh_l0
        h = torch.zeros(self.rnn.num_layers, 1, p.size(1), dtype=p.dtype, device=p.device)
        if isinstance(self.rnn, nn.LSTM):
            return h, torch.zeros(self.rnn.num_layers, 1, self.rnn.hidden_size, dtype=p.dtype, device=p.device)
        return h

    def step(self, session_ids, inputs):
        if len(session_ids) != len(set(session_ids)):
            raise ValueError("each session may be named once in a step")
        if inputs.dim() != 2 or inputs.shape[0] != len(session_ids) or inputs.shape[1] != self.rnn.input_size:
            raise ValueError("inputs must be (B, I) with one row for each session")
        old = [self.sessions[s] if s in self.sessions else self.initial() for s in session_ids]
        if isinstance(self.rnn, nn.LSTM):
            state = torch.cat([h for h, _ in old], 1), torch.cat([c for _, c in old], 1)
        else:
            state = torch.cat(old, 1)
        with torch.no_grad():
            out, state = self(inputs, state)
        if isinstance(self.rnn, nn.LSTM):
            columns = zip(state[0].split(1, 1), state[1].split(1, 1))
            new = [(h.clone(), c.clone()) for h, c in columns]
        else:
            new = [h.clone() for h in state.split(1, 1)]
        self.sessions.update(zip(session_ids, new))
        self.steps_served += 1
        return out

    def end(self, session_id):
        if session_id in self.sessions:
            del self.sessions[session_id]
        else:
            raise KeyError(session_id)

    def export(self):
        if isinstance(self.rnn, nn.LSTM):
            return {s: (h.clone(), c.clone()) for s, (h, c) in self.sessions.items()}
        return {s: h.clone() for s, h in self.sessions.items()}

    @classmethod
    def restore(cls, rnn, exported):
        server, device = cls(rnn), rnn.weight_hh_l0.device
        for name, state in exported.items():
            if isinstance(rnn, nn.LSTM):
                server.sessions[name] = tuple(s.to(device, copy=True) for s in state)
            else:
                server.sessions[name] = state.to(device, copy=True)
        return server
