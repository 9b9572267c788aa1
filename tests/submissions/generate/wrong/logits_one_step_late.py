# wrong: each token is returned with the logits of the one after it
# misconception: none
import torch


def generate(model, prompt, steps):
    tokens, logits = [], []
    with torch.no_grad():
        out, state = model(prompt, None)
        for i in range(steps):
            token = out[-1].argmax(-1)
            tokens.append(token)
            if i < steps - 1:
                out, state = model(token.unsqueeze(0), state)
            logits.append(out[-1])
    return torch.stack(tokens), torch.stack(logits)
