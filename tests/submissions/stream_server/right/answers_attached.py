# right: answers that hang on a graph, states detached and copied, names and tensors in two lists
import torch


class StreamServer:
    def __init__(self, rnn):
        self.rnn = rnn
        self.calls = 0
        self.sessions = dict()

    def step(self, session_ids, inputs):
        if sorted(set(session_ids)) != sorted(session_ids):
            raise ValueError("twice: " + ", ".join(session_ids))
        if inputs.ndim != 2 or inputs.size(0) != len(session_ids) or inputs.size(1) != self.rnn.input_size:
            raise ValueError("inputs must be (B, I)")
        fresh = [name for name in session_ids if name not in self.sessions]
        if fresh:
            # what rnn itself takes for zeros: a run of it shows the shapes
            _, shown = self.rnn(torch.zeros_like(inputs[: len(fresh)]).unsqueeze(0))
            shown = shown if isinstance(shown, tuple) else (shown,)
            new = {name: [torch.zeros_like(s[:, i : i + 1]) for s in shown] for i, name in enumerate(fresh)}
        else:
            new = {}
        states = [self.sessions[name] if name in self.sessions else new[name] for name in session_ids]
        hx = tuple(torch.cat(parts, dim=1) for parts in zip(*states))
        outputs, after = self.rnn(inputs.unsqueeze(0), hx if len(hx) > 1 else hx[0])
        after = after if isinstance(after, tuple) else (after,)
        for i, name in enumerate(session_ids):
            self.sessions[name] = [a[:, i : i + 1].detach().clone() for a in after]
        self.calls += 1
        return outputs.squeeze(0)

    def end(self, session_id):
        if session_id not in self.sessions:
            raise KeyError(session_id)
        self.sessions = {name: state for name, state in self.sessions.items() if name != session_id}

    def export(self):
        names, tensors = list(self.sessions), list(self.sessions.values())
        return {"calls": self.calls, "names": names, "tensors": [[t.clone() for t in s] for s in tensors]}

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        server.calls = exported["calls"]
        for name, tensors in zip(exported["names"], exported["tensors"]):
            server.sessions[name] = [tensor.clone() for tensor in tensors]
        return server
