# wrong: export casts to float32, so a double module does not go on exactly
# misconception: export_rounded
import warnings
import torch
from torch import nn


class StreamServer:
    def __init__(self, rnn):
        if getattr(rnn, "dropout", 0):
            warnings.warn("dropout makes no sense in a server")
        self.rnn = rnn
        self.table: dict[str, list[torch.Tensor]] = {}

    def step(self, session_ids, inputs):
        rnn = self.rnn
        if any(session_ids.count(s) != 1 for s in session_ids):
            raise ValueError("a session was named more than once")
        if inputs.dim() != 2:
            raise ValueError("inputs need two dimensions")
        rows, features = inputs.shape
        if rows != len(session_ids) or features != rnn.input_size:
            raise ValueError("inputs do not fit")
        weight = rnn.weight_ih_l0
        sizes = [rnn.hidden_size]
        if isinstance(rnn, nn.LSTM):
            sizes = [rnn.proj_size or rnn.hidden_size, rnn.hidden_size]
        batch = [weight.new_zeros(rnn.num_layers, rows, size) for size in sizes]
        for i, s in enumerate(session_ids):
            for tensor, own in zip(batch, self.table.get(s, [])):
                tensor[:, i] = own
        with torch.no_grad():
            if isinstance(rnn, nn.LSTM):
                out, new = rnn(inputs.unsqueeze(int(rnn.batch_first)), tuple(batch))
            else:
                out, *new = rnn(inputs.unsqueeze(int(rnn.batch_first)), batch[0])
            for i, s in enumerate(session_ids):
                if s not in self.table:
                    self.table[s] = [weight.new_empty(rnn.num_layers, size) for size in sizes]
                for own, tensor in zip(self.table[s], new):
                    own.copy_(tensor[:, i])
        return torch.squeeze(out, int(rnn.batch_first))

    def end(self, session_id):
        try:
            del self.table[session_id]
        except KeyError:
            raise KeyError(f"unknown session: {session_id}") from None

    def export(self):
        state = {"ids": [], "tensors": []}
        for s, own in self.table.items():
            state["ids"].append(s)
            state["tensors"].append([t.data.clone().float() for t in own])
        return state

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        for s, tensors in zip(exported["ids"], exported["tensors"]):
            server.table[s] = [t.clone().to(rnn.weight_ih_l0) for t in tensors]
        return server


if __name__ == "__main__":
    torch.manual_seed(0)
    server = StreamServer(nn.LSTM(3, 4))
    print(server.step(["anna", "ben"], torch.randn(2, 3)))
    print(server.step(["ben"], torch.randn(1, 3)))
    server.end("anna")
    print(server.export())
