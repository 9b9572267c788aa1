# wrong: takes the logits at the first step of the prompt, not at the last
# misconception: first_step_for_last
import torch


@torch.no_grad()
def generate(model, prompt, steps):
    logits, state = model(prompt, None)
    tokens, all_logits = [], []
    for i in range(steps):
        token = logits[0].argmax(dim=-1)
        tokens.append(token)
        all_logits.append(logits[0])
        if i < steps - 1:
            logits, state = model(token.unsqueeze(0), state)
    return torch.stack(tokens), torch.stack(all_logits)
