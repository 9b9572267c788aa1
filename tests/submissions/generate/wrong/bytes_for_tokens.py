# wrong: keeps ids in bytes, and those above 255 become others
# misconception: none
import torch


def as_chars(ids):
    return ids.to(torch.uint8)


from torch import Tensor, nn


@torch.no_grad()
def generate(model: nn.Module, prompt: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    logits, state = model(prompt, None)
    tokens, scores = [], []
    for step in range(steps):
        if step:
            logits, state = model(tokens[-1].unsqueeze(0), state)
        last = logits[-1]
        scores.append(last)
        tokens.append(last.argmax(dim=-1))
    return torch.stack([as_chars(t) for t in tokens]).long(), torch.stack(scores)
