# right: einsum for the squares, prints, warnings and demo code at the end
import math
import warnings
from torch import *
from torch import nn


def gradient_norms(model):
    squares = {}
    for name, p in model.named_parameters():
        if p.grad is None:
            warnings.warn(f"{name} has no gradient")
            continue
        g = p.grad.data.flatten()
        squares[name] = einsum("i,i->", g, g).item()
    norms = {name: math.sqrt(s) for name, s in squares.items()}
    norms["total"] = math.sqrt(math.fsum(squares.values()))
    print("gradient norms:", norms)
    return norms


def clip_gradients(model, max_norm):
    total = gradient_norms(model)["total"]
    if total > max_norm:
        print("clipping", total, "->", max_norm)
        for p in model.parameters():
            if p.grad is not None:
                p.grad.div_(total / max_norm) if max_norm > 0 else p.grad.zero_()
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if total != total or total > high:
        return "exploding"
    if total < low:
        return "vanishing"
    return "healthy"


if __name__ == "__main__":
    net = nn.Linear(3, 2)
    net(ones(4, 3)).sum().backward()
    print(clip_gradients(net, 1.0), gradient_norms(net), diagnose_gradients(net))
