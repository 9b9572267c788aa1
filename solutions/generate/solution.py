"""Reference for generate: the state remembers what was fed, so nothing is fed twice."""

import torch
from torch import Tensor, nn


@torch.no_grad()
def generate(model: nn.Module, prompt: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    """Continue a batch of prompts greedily.

    Args:
        model: ``model(tokens (T, B), state)`` returns ``(logits (T, B, V), state)``.
        prompt: ids (T, B), int64.
        steps: how many tokens to generate, at least 1.

    Returns:
        The new tokens (steps, B) and the logits they were chosen from (steps, B, V).
    """
    chosen: list[Tensor] = []
    chosen_from: list[Tensor] = []
    new_tokens, state = prompt, None
    for _ in range(steps):
        logits, state = model(new_tokens, state)
        last_logits = logits[-1]  # what the model expects after the last token it was fed
        token = last_logits.argmax(dim=-1)
        chosen.append(token)
        chosen_from.append(last_logits)
        new_tokens = token.unsqueeze(0)  # (1, B): one step of time
    return torch.stack(chosen), torch.stack(chosen_from)
