# wrong: argmax over the batch axis, which only runs on when B equals V
# misconception: argmax_over_wrong_axis
import torch


@torch.no_grad()
def generate(model, prompt, steps):
    x, state = prompt, None
    tokens, logits = [], []
    for _ in range(steps):
        y, state = model(x, state)
        x = y[-1:].argmax(dim=1)
        tokens.append(x)
        logits.append(y[-1:])
    return torch.cat(tokens), torch.cat(logits)
