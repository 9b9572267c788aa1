# wrong: afterwards every parameter requires a gradient
# misconception: none
import torch


def generate(model, prompt, steps):
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    try:
        logits, state = model(prompt, None)
        rows = [logits[-1]]
        tokens = [logits[-1].argmax(dim=-1)]
        for _ in range(steps - 1):
            logits, state = model(tokens[-1].unsqueeze(0), state)
            rows.append(logits[-1])
            tokens.append(logits[-1].argmax(dim=-1))
    finally:
        for parameter in model.parameters():
            parameter.requires_grad_(True)
    return torch.stack(tokens), torch.stack(rows).detach()
