# wrong: takes the larger axis of the logits for the vocabulary, which a large batch is not
# misconception: none
import torch


@torch.no_grad()
def generate(model, prompt, steps):
    tokens, kept = [], []
    feed, state = prompt, None
    for _ in range(steps):
        logits, state = model(feed, state)
        last = logits[-1]
        token = last.argmax(dim=int(last.shape[1] >= last.shape[0]))
        feed = token.repeat(prompt.shape[1])[None, : prompt.shape[1]]
        kept.append(last)
        tokens.append(feed[0])
    return torch.stack(tokens), torch.stack(kept)
