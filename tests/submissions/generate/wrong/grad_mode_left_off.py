# wrong: switches gradients off for the whole process and never on again
# misconception: none
import torch


def generate(model, prompt, steps):
    torch.set_grad_enabled(False)
    tokens = []
    scores = []
    logits, state = model(prompt, None)
    while True:
        scores.append(logits[-1])
        tokens.append(logits[-1].argmax(dim=-1))
        if len(tokens) == steps:
            return torch.stack(tokens), torch.stack(scores)
        logits, state = model(tokens[-1].unsqueeze(0), state)
