# looks one window ahead; cuts with copy.deepcopy, whose memo says what becomes of each tensor
import copy
import itertools

import torch

torch.manual_seed(1234)
END = object()


def tensors_in(s):
    todo = [s]
    while todo:
        top = todo.pop()
        if isinstance(top, torch.Tensor):
            yield top
        elif isinstance(top, dict):
            todo.extend(top.values())
        elif isinstance(top, (tuple, list)):
            todo.extend(top)


def cut(s):
    memo = {id(t): t.detach() for t in tensors_in(s)}
    return copy.deepcopy(s, memo)


def train_truncated(model, optimizer, windows, state=None):
    losses = list()
    it = itertools.chain(windows, [END])
    now = next(it)
    while now is not END:
        ahead = next(it)  # so that one knows whether this is the last one (not that it mattered)
        x = now[0]
        y = now[1]
        state = cut(state)
        optimizer.zero_grad()
        out = model(x, state)
        loss = torch.mean(torch.pow(torch.sub(out[0], y), 2))
        loss.backward()
        optimizer.step()
        state = cut(out[1])
        losses.append(loss.item())
        del out, loss, x, y
        now = ahead
    return losses, state


# ---- try it -------------------------------------------------------------------------------------------
class Echo(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = torch.nn.LSTMCell(1, 6)
        self.out = torch.nn.Linear(6, 1)

    def forward(self, x, state=None):
        ys = []
        for row in x:
            state = self.cell(row, state)
            ys.append(self.out(state[0]))
        return torch.stack(ys), state


echo = Echo()
signal = torch.randn(40, 3, 1)
pairs = [(signal[i : i + 5], signal[i : i + 5].roll(1, 0)) for i in range(0, 40, 5)]
for epoch in range(3):
    got, last = train_truncated(echo, torch.optim.SGD(echo.parameters(), lr=0.1), pairs)
    print("epoch", epoch, "mean loss", sum(got) / len(got))
assert not any(t.requires_grad for t in tensors_in(last))
