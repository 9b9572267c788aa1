# right: the prompt in one call, then a loop over single tokens, under no_grad
import torch


@torch.no_grad()
def generate(model, prompt, steps):
    logits, state = model(prompt, None)
    tokens, chosen_from = [], []
    for step in range(steps):
        last = logits[-1]
        token = last.argmax(dim=-1)
        tokens.append(token)
        chosen_from.append(last)
        if step < steps - 1:
            logits, state = model(token.unsqueeze(0), state)
    return torch.stack(tokens), torch.stack(chosen_from)
