# right: a pair is detached into a list
import torch


def generate(model, prompt, steps):
    tokens, kept = [], []
    feed, state = prompt, None
    for _ in range(steps):
        logits, state = model(feed, state)
        state = state.detach() if torch.is_tensor(state) else [part.detach() for part in state]
        kept.append(logits[-1].detach())
        feed = kept[-1].argmax(dim=-1, keepdim=True).T
        tokens.append(feed[0])
    return torch.stack(tokens), torch.stack(kept)
