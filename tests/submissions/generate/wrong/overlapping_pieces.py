# wrong: a long prompt is fed in pieces that overlap by one token
# misconception: none
import torch

PIECE = 64


@torch.no_grad()
def generate(model, prompt, steps):
    state = None
    for start in range(0, len(prompt), PIECE - 1):
        logits, state = model(prompt[start : start + PIECE], state)
    tokens, rows = [], []
    for i in range(steps):
        if i:
            logits, state = model(tokens[-1][None], state)
        rows.append(logits[-1])
        tokens.append(rows[-1].argmax(-1))
    return torch.stack(tokens), torch.stack(rows)
