# right: functional style with functools.reduce over the steps
from functools import partial, reduce
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F


class Run(NamedTuple):
    feed: torch.Tensor
    state: Any
    tokens: tuple
    logits: tuple


def advance(model, run, _):
    logits, state = model(run.feed, run.state)
    last = logits.select(0, logits.size(0) - 1)
    token = last.argmax(dim=last.ndim - 1)
    return Run(token[None], state, run.tokens + (token,), run.logits + (last,))


@torch.no_grad()
def generate(model, prompt, steps):
    run = reduce(partial(advance, model), range(steps), Run(prompt, None, (), ()))
    return torch.stack(run.tokens), torch.stack(run.logits)
