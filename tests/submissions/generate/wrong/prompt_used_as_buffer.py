# wrong: the new token is written into the last row of the caller's prompt
# misconception: none
import torch


def generate(model, prompt, steps):
    out_tokens = []
    out_logits = []
    with torch.no_grad():
        logits, state = model(prompt, None)
        last = prompt[-1:]
        for i in range(steps):
            if i > 0:
                logits, state = model(last, state)
            last[:] = logits[-1].argmax(dim=-1)
            out_tokens.append(last[0].clone())
            out_logits.append(logits[-1])
    return torch.stack(out_tokens), torch.stack(out_logits)
