# right: states as nested lists of Python floats
import torch
from torch import nn


class Session(object):
    def __init__(self, h, c=None):
        self.h = h
        self.c = c


class StreamServer(object):
    def __init__(self, rnn):
        self.rnn = rnn
        self._people = dict()

    def _tensor(self, nested):
        p = self.rnn.weight_ih_l0
        return torch.tensor(nested, dtype=p.dtype, device=p.device)

    def step(self, session_ids, inputs):
        seen = []
        for name in session_ids:
            if name in seen:
                raise ValueError("twice: %r" % name)
            seen.append(name)
        if list(inputs.size()) != [len(seen), self.rnn.input_size]:
            raise ValueError("wrong shape: %r" % (inputs.size(),))
        outs, after = [], {}
        for name, x in zip(seen, inputs.detach()):
            old = self._people.get(name)
            if old is None:
                state = None
            elif old.c is None:
                state = self._tensor(old.h)
            else:
                state = (self._tensor(old.h), self._tensor(old.c))
            with torch.no_grad():
                out, state = self.rnn(x.view(1, 1, -1), state)
            outs.append(out.view(1, -1))
            if isinstance(state, tuple):
                after[name] = Session(state[0].tolist(), state[1].tolist())
            else:
                after[name] = Session(state.tolist())
        self._people.update(after)
        return torch.cat(outs)

    def end(self, session_id):
        self._people.pop(session_id)

    def export(self):
        result = {"h": {}, "c": {}}
        for name, person in self._people.items():
            result["h"][name] = self._tensor(person.h)
            if person.c is not None:
                result["c"][name] = self._tensor(person.c)
        return result

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        for name, h in exported["h"].items():
            c = exported["c"].get(name)
            server._people[name] = Session(h.tolist(), None if c is None else c.tolist())
        return server
