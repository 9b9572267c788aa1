# wrong: the last generated token is fed as well, one call more than needed
# misconception: last_new_token_fed_too
import torch


@torch.no_grad()
def generate(model, prompt, steps):
    logits, state = model(prompt, None)
    tokens, all_logits = [], []
    for _ in range(steps):
        all_logits.append(logits[-1])
        token = logits[-1].argmax(dim=-1)
        tokens.append(token)
        logits, state = model(token.unsqueeze(0), state)
    return torch.stack(tokens), torch.stack(all_logits)
