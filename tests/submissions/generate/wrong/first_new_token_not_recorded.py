# wrong: the token chosen after the prompt is fed but not returned
# misconception: first_token_left_out
import torch


@torch.no_grad()
def generate(model, prompt, steps):
    logits, state = model(prompt, None)
    token = logits[-1].argmax(dim=-1)
    tokens = []
    all_logits = []
    for _ in range(steps):
        logits, state = model(token.unsqueeze(0), state)
        token = logits[0].argmax(dim=-1)
        tokens.append(token)
        all_logits.append(logits[0])
    return torch.stack(tokens), torch.stack(all_logits)
