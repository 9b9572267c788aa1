# wrong: takes id 0 for an end mark and repeats it from there on
# misconception: none
import torch

EOS = 0


@torch.no_grad()
def generate(model, prompt, steps):
    tokens, logits = [], []
    feed, state = prompt, None
    done = torch.zeros(prompt.shape[1], dtype=torch.bool, device=prompt.device)
    for _ in range(steps):
        out, state = model(feed, state)
        token = out[-1].argmax(-1).masked_fill(done, EOS)
        done = done | (token == EOS)
        tokens.append(token)
        logits.append(out[-1])
        feed = token.unsqueeze(0)
    return torch.stack(tokens), torch.stack(logits)
