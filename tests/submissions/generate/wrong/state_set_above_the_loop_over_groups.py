# wrong: large batches run in groups, and each group begins with the state of the one before
# misconception: none
import torch

GROUP = 64


def generate(model, prompt, steps):
    tokens, logits = [], []
    state = None
    with torch.no_grad():
        for group in prompt.split(GROUP, dim=1):
            x = group
            t, l = [], []
            for _ in range(steps):
                out, state = model(x, state)
                out = out[-1]
                x = out.argmax(dim=-1, keepdim=True).T
                t.append(x)
                l.append(out)
            tokens.append(torch.cat(t, dim=0))
            logits.append(torch.stack(l, dim=0))
    return torch.cat(tokens, dim=1), torch.cat(logits, dim=1)
