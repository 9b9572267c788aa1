# right: runs under inference_mode and clones the results outside of it
import torch


def generate(model, prompt, steps):
    tokens = []
    logits = []
    with torch.inference_mode():
        out, state = model(prompt, None)
        for i in range(steps):
            if i > 0:
                out, state = model(tokens[-1], state)
            logits.append(out[-1:])
            tokens.append(out[-1:].argmax(dim=2))
        tokens, logits = torch.vstack(tokens), torch.cat(logits)
    return tokens.clone(), logits.clone()
