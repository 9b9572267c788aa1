# right: a pool with free columns, which doubles when it is full and halves when three quarters are free
import torch
from torch import nn


class StreamServer:
    SMALLEST = 16

    def __init__(self, rnn):
        self.rnn = rnn
        self.column = {}  # name -> column of the pool
        self.parts = self._zeros(self.SMALLEST)

    def _zeros(self, columns):
        weight, layers = self.rnn.weight_ih_l0, self.rnn.num_layers
        sizes = [self.rnn.proj_size or self.rnn.hidden_size]
        if self.rnn.mode == "LSTM":
            sizes.append(self.rnn.hidden_size)
        return [torch.zeros(layers, columns, size, dtype=weight.dtype, device=weight.device) for size in sizes]

    def _resize(self, columns):
        names = list(self.column)
        parts = self._zeros(columns)
        if names:
            for new, old in zip(parts, self.parts):
                new[:, : len(names)] = old[:, [self.column[name] for name in names]]
        self.parts, self.column = parts, {name: i for i, name in enumerate(names)}

    def step(self, session_ids, inputs):
        if len(session_ids) != len(set(session_ids)):
            raise ValueError("a session is named twice")
        if tuple(inputs.shape) != (len(session_ids), self.rnn.input_size):
            raise ValueError(f"wrong shape {tuple(inputs.shape)}")
        begin = [name for name in session_ids if name not in self.column]
        size = self.parts[0].shape[1]
        while size < len(self.column) + len(begin):
            size *= 2
        if size != self.parts[0].shape[1]:
            self._resize(size)
        free = sorted(set(range(size)) - set(self.column.values()), reverse=True)
        for name in begin:
            self.column[name] = free.pop()
            for part in self.parts:
                part[:, self.column[name]] = 0.0
        columns = [self.column[name] for name in session_ids]
        with torch.no_grad():
            before = [part[:, columns] for part in self.parts]
            out, after = self.rnn(inputs[None], tuple(before) if len(before) == 2 else before[0])
        for part, new in zip(self.parts, after if isinstance(after, tuple) else [after]):
            part[:, columns] = new
        return out[0]

    def end(self, session_id):
        self.column.pop(session_id)
        size = self.parts[0].shape[1]
        if size > self.SMALLEST and len(self.column) <= size // 4:
            self._resize(size // 2)

    def export(self):
        return {name: [part[:, i].clone() for part in self.parts] for name, i in self.column.items()}

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        while server.parts[0].shape[1] < len(exported):
            server._resize(2 * server.parts[0].shape[1])
        for i, (name, parts) in enumerate(exported.items()):
            server.column[name] = i
            for part, value in zip(server.parts, parts):
                part[:, i] = value
        return server
