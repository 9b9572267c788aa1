# right: long prompts are read in pieces; the place of the largest logit by nonzero
"""Long prompts are read in pieces of at most 5 tokens, as a real server would prefill."""
from collections import deque
import torch

PIECE = 5


def generate(model, prompt, steps):
    assert prompt.dim() == 2 and prompt.dtype == torch.int64, (prompt.shape, prompt.dtype)
    assert steps >= 1
    queue = deque(prompt.split(PIECE))
    state = None
    tokens, history = [], []
    with torch.no_grad():
        while queue:
            logits, state = model(queue.popleft(), state)
            if queue:
                continue
            last = logits[-1]
            history.append(last)
            top = last == last.amax(-1, keepdim=True)
            tokens.append(top.nonzero()[:, 1].view(-1))
            if len(tokens) < steps:
                queue.append(tokens[-1][None, :])
    return torch.stack(tokens, 0), torch.stack(history, 0)
