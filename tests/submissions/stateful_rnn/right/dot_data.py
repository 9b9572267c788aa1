# right: .data instead of .detach(), demo code under __main__
import torch
import torch.nn as nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("only one direction, please")
        self.rnn = rnn
        self.hidden = None

    @property
    def state(self):
        return self.hidden

    def forward(self, inputs):
        self.check(inputs.shape[1:2], "batch size")
        out, hidden = self.rnn(inputs, self.hidden)
        self.hidden = (hidden[0].data, hidden[1].data) if type(hidden) is tuple else hidden.data
        return out

    def reset(self, mask=None):
        if mask is None or self.hidden is None:
            self.hidden = None
            return
        self.check(mask.shape, "mask")
        if type(self.hidden) is tuple:
            h, c = self.hidden
            self.hidden = h.masked_fill(mask[None, :, None], 0), c.masked_fill(mask[None, :, None], 0)
        else:
            self.hidden = self.hidden.masked_fill(mask[None, :, None], 0)

    def check(self, shape, what):
        if self.hidden is None:
            return
        h = self.hidden[0] if type(self.hidden) is tuple else self.hidden
        if shape != h.shape[1:2]:
            raise ValueError(f"{what}: {tuple(shape)} does not fit {tuple(h.shape[1:2])}")


if __name__ == "__main__":
    torch.manual_seed(0)
    model = StatefulRNN(nn.LSTM(3, 4, num_layers=2))
    for chunk in torch.randn(12, 5, 3).split(4):
        loss = model(chunk).pow(2).mean()
        loss.backward()
        print(loss.item())
    model.reset(torch.tensor([True, False, False, False, True]))
    print(model.state[0][0])
