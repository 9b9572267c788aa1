# wrong: every step's outputs are logged as Python numbers, for a plot; nobody ever takes them out again
import torch


class StreamServer:
    def __init__(self, rnn):
        self.rnn = rnn
        self.sessions = {}
        self.log = []

    def _zeros(self, like):
        rnn = self.rnn
        features = rnn.proj_size or rnn.hidden_size
        zeros = like.new_zeros(rnn.num_layers, features)
        if rnn.mode == "LSTM":
            return zeros, like.new_zeros(rnn.num_layers, rnn.hidden_size)
        return (zeros,)

    @torch.no_grad()
    def step(self, session_ids, inputs):
        if len(set(session_ids)) != len(session_ids):
            raise ValueError("a session is named twice")
        if inputs.dim() != 2 or inputs.shape != (len(session_ids), self.rnn.input_size):
            raise ValueError(f"expected {(len(session_ids), self.rnn.input_size)}, got {tuple(inputs.shape)}")
        like = self.rnn.weight_ih_l0
        states = [self.sessions.get(name) or self._zeros(like) for name in session_ids]
        parts = tuple(torch.stack(part, dim=1) for part in zip(*states))
        outputs, new = self.rnn(inputs.unsqueeze(0), parts if len(parts) == 2 else parts[0])
        new = new if isinstance(new, tuple) else (new,)
        for column, name in enumerate(session_ids):
            self.sessions[name] = tuple(part[:, column].clone() for part in new)
        self.log.append(outputs[0].tolist())
        return outputs[0]

    def end(self, session_id):
        del self.sessions[session_id]

    def export(self):
        return {name: [part.clone() for part in state] for name, state in self.sessions.items()}

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        server.sessions = {name: tuple(part.clone() for part in state) for name, state in exported.items()}
        return server
