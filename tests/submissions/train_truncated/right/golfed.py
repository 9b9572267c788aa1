# right: golfed to a few lines, lambdas and a list comprehension
from torch import Tensor as T
from torch.nn.functional import mse_loss as mse

d = lambda s: (
    s.detach() if isinstance(s, T)
    else type(s)((k, d(v)) for k, v in s.items()) if isinstance(s, dict)
    else type(s)(*map(d, s)) if hasattr(s, "_fields")
    else type(s)(map(d, s)) if isinstance(s, (list, tuple))
    else s
)


def train_truncated(model, optimizer, windows, state=None):
    def go(x, y):
        nonlocal state
        optimizer.zero_grad(); p, s = model(x, state); (l := mse(p, y)).backward(); optimizer.step(); state = d(s)
        return l.item()
    return [go(x, y) for x, y in windows], state
