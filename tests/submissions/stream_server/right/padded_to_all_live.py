# right: all live sessions run in every step, and those that are not named get their state back
"""Every step runs all live sessions; those that are not named get their old state back (torch.where)."""
import torch
from torch import nn
from torch.utils._pytree import tree_map


class StreamServer:
    def __init__(self, rnn):
        self.rnn, self.order, self.state = rnn, [], None

    def _zero(self, n, like):
        r = self.rnn
        z = lambda f: like.new_zeros(r.num_layers, n, f)
        h = z(r.proj_size or r.hidden_size)
        return (h, z(r.hidden_size)) if type(r) is nn.LSTM or isinstance(r, nn.LSTM) else h

    @torch.no_grad()
    def step(self, session_ids, inputs):
        if len(session_ids) != len(set(session_ids)):
            raise ValueError("twice")
        if inputs.shape != (len(session_ids), self.rnn.input_size):
            raise ValueError("inputs")
        order = self.order + [s for s in session_ids if s not in self.order]
        fresh = self._zero(len(order) - len(self.order), inputs)
        if self.order:
            cat = lambda a, b: torch.cat((a, b), 1)
            state = tuple(map(cat, self.state, fresh)) if isinstance(fresh, tuple) else cat(self.state, fresh)
        else:
            state = fresh
        place = torch.tensor([order.index(s) for s in session_ids], device=inputs.device)
        x = inputs.new_zeros(len(order), inputs.shape[1]).index_copy(0, place, inputs)
        named = torch.zeros(len(order), 1, dtype=torch.bool, device=inputs.device)
        named[place] = True
        out, new = self.rnn(x[None], state)
        keep = lambda n, o: torch.where(named, n, o)
        self.state = tuple(map(keep, new, state)) if isinstance(new, tuple) else keep(new, state)
        self.order = order
        return out[0].index_select(0, place)

    def end(self, session_id):
        if session_id not in self.order:
            raise KeyError(session_id)
        rest = [i for i, s in enumerate(self.order) if s != session_id]
        self.order = [self.order[i] for i in rest]
        self.state = tree_map(lambda t: t[:, rest].clone(), self.state) if rest else None

    def export(self):
        return {"order": self.order.copy(), "state": tree_map(torch.clone, self.state) if self.order else None}

    @classmethod
    def restore(cls, rnn, exported):
        s = cls(rnn)
        s.order = list(exported["order"])
        s.state = tree_map(torch.clone, exported["state"]) if s.order else None
        return s
