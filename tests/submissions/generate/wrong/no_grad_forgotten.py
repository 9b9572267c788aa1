# wrong: gradients stay on, the returned logits hang on the whole run
# misconception: graph_kept
import torch


def generate(model, prompt, steps):
    feed, state = prompt, None
    tokens, logits = [], []
    for _ in range(steps):
        out, state = model(feed, state)
        feed = out[-1:].argmax(dim=-1)
        tokens.append(feed)
        logits.append(out[-1:])
    return torch.cat(tokens), torch.cat(logits)
