# right: computes under inference_mode and clones everything that leaves it
import copy
import torch


class StreamServer:
    def __init__(self, rnn):
        self.rnn = rnn
        self.memory = {}

    def step(self, session_ids, inputs):
        rnn = self.rnn
        if len(dict.fromkeys(session_ids)) != len(session_ids):
            raise ValueError(f"duplicate names in {session_ids}")
        if inputs.shape != torch.Size([len(session_ids), rnn.input_size]):
            raise ValueError(f"inputs must be {(len(session_ids), rnn.input_size)}")
        lstm = isinstance(rnn, torch.nn.LSTM)
        with torch.inference_mode():
            zero_h = torch.zeros_like(rnn.weight_hh_l0[0]).expand(rnn.num_layers, -1)
            zero_c = inputs.new_zeros((rnn.num_layers, rnn.hidden_size))
            h = torch.stack([self.memory[s]["h"] if s in self.memory else zero_h for s in session_ids], dim=1)
            if lstm:
                c = torch.stack([self.memory[s]["c"] if s in self.memory else zero_c for s in session_ids], dim=1)
            x = inputs[:, None] if rnn.batch_first else inputs[None]
            out, state = rnn(x, (h, c) if lstm else h)
            h, c = state if lstm else (state, None)
        for i, s in enumerate(session_ids):
            entry = {"h": h[:, i].clone()}
            if lstm:
                entry["c"] = c[:, i].clone()
            self.memory[s] = entry
        return out.view(len(session_ids), -1).clone()

    def end(self, session_id):
        self.memory.pop(session_id)

    def export(self):
        return copy.deepcopy(self.memory)

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        target = next(rnn.parameters()).device
        for name, entry in exported.items():
            server.memory[name] = {key: value.clone().to(target) for key, value in entry.items()}
        return server
