# wrong: starts from the last token of the prompt only
# misconception: prompt_dropped
import torch


@torch.no_grad()
def generate(model, prompt, steps):
    token = prompt[-1:]
    state = None
    tokens, logits = [], []
    for _ in range(steps):
        out, state = model(token, state)
        token = out.argmax(dim=-1)
        tokens.append(token)
        logits.append(out)
    return torch.cat(tokens), torch.cat(logits)
