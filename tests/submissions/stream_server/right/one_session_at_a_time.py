# right: runs each session alone as an unbatched sequence of one step, commits at the end
import torch


class StreamServer:
    """Sessions are run one after the other; nothing is stored before all of them worked."""

    def __init__(self, rnn):
        self.rnn, self.live = rnn, {}

    def step(self, session_ids, inputs):
        b = len(session_ids)
        if tuple(inputs.shape) != (b, self.rnn.input_size):
            raise ValueError(f"expected inputs of shape {(b, self.rnn.input_size)}, got {tuple(inputs.shape)}")
        fresh, rows = {}, []
        for name, x in zip(session_ids, inputs.detach()):
            if name in fresh:
                raise ValueError(f"session {name!r} is named twice")
            with torch.no_grad():
                out, fresh[name] = self.rnn(x[None], self.live.get(name))
            rows.append(out[0].clone())
        self.live.update(fresh)
        return torch.stack(rows)

    def end(self, session_id):
        self.live.pop(session_id)

    @staticmethod
    def _copy(state, device=None):
        if isinstance(state, torch.Tensor):
            return state.detach().clone().to(device)
        return tuple(StreamServer._copy(s, device) for s in state)

    def export(self):
        return {"sessions": {k: self._copy(v) for k, v in self.live.items()}}

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        dev = rnn.weight_hh_l0.device
        server.live = {k: cls._copy(v, dev) for k, v in exported["sessions"].items()}
        return server
