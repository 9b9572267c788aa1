# wrong: the tokens are moved to the CPU
# misconception: none
import torch


@torch.no_grad()
def generate(model, prompt, steps):
    ids, logits = [], []
    feed, state = prompt, None
    for _ in range(steps):
        y, state = model(feed, state)
        y = y[-1]
        feed = y.argmax(dim=-1).unsqueeze(0)
        ids.append(feed.squeeze(0))
        logits.append(y)
    return torch.stack(ids).cpu(), torch.stack(logits)


def decode(tokens, itos):
    return ["".join(itos[i] for i in column) for column in tokens.T.tolist()]
