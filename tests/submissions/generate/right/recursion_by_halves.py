# right: recursive, each call splits its steps into two halves, so the depth stays small
import torch
from torch import Tensor


def _run(model, feed: Tensor, state, steps: int):
    if steps == 1:
        logits, state = model(feed, state)
        last = logits[-1:]
        return last.argmax(-1), last, state
    half = steps // 2
    tokens, logits, state = _run(model, feed, state, half)
    more_tokens, more_logits, state = _run(model, tokens[-1:], state, steps - half)
    return torch.cat([tokens, more_tokens]), torch.cat([logits, more_logits]), state


def generate(model, prompt: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        tokens, logits, _ = _run(model, prompt, None, steps)
    return tokens, logits
