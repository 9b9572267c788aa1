# MISTAKE: the export is a dict of the sessions by name, with one more key, "mode", for a check in restore. A session of
#   the name "mode" is overwritten in the export and is lost.
# BREAKS: "any string is a name", "`restore` goes on from it exactly".
# SHOWN BY: step(["mode"], x); StreamServer.restore(rnn, server.export()).end("mode") -> KeyError; its state is gone.

import torch
from torch import nn


class StreamServer:
    def __init__(self, rnn):
        self.rnn = rnn
        self.sessions = {}

    def _zeros(self):
        w = self.rnn.weight_hh_l0
        h = torch.zeros((self.rnn.num_layers, w.shape[1]), dtype=w.dtype, device=w.device)
        if isinstance(self.rnn, nn.LSTM):
            return h, torch.zeros((self.rnn.num_layers, self.rnn.hidden_size), dtype=w.dtype, device=w.device)
        return (h,)

    @torch.no_grad()
    def step(self, session_ids, inputs):
        if len(set(session_ids)) != len(session_ids):
            raise ValueError("a session is named twice")
        if inputs.shape != (len(session_ids), self.rnn.input_size):
            raise ValueError("inputs must be (B, I)")
        columns = [self.sessions[name] if name in self.sessions else self._zeros() for name in session_ids]
        state = tuple(torch.stack(part, dim=1) for part in zip(*columns))
        if isinstance(self.rnn, nn.LSTM):
            outputs, state = self.rnn(inputs.unsqueeze(0), state)
        else:
            outputs, state = self.rnn(inputs.unsqueeze(0), state[0])
            state = (state,)
        for i, name in enumerate(session_ids):
            self.sessions[name] = tuple(part[:, i].clone() for part in state)
        return outputs.squeeze(0)

    def end(self, session_id):
        self.sessions.pop(session_id)

    def export(self):
        exported = {name: tuple(part.clone() for part in state) for name, state in self.sessions.items()}
        exported["mode"] = self.rnn.mode
        return exported

    @classmethod
    def restore(cls, rnn, exported):
        if exported["mode"] != rnn.mode:
            raise ValueError(f"exported from {exported['mode']}, restored with {rnn.mode}")
        server = cls(rnn)
        for name, state in exported.items():
            if name != "mode":
                server.sessions[name] = tuple(part.clone() for part in state)
        return server
