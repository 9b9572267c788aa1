# right: golfed, prompt and tokens go through the same line
from torch import *


@no_grad()
def generate(m, x, n):
    s, r = None, []
    while len(r) < n:
        y, s = m(x, s)
        x = y[-1:].argmax(-1)
        r += [(x, y[-1:])]
    return [*map(cat, zip(*r))]
