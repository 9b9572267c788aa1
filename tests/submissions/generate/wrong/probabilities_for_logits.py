# wrong: returns the softmax of the logits
# misconception: softmax_of_logits_returned
import torch
import torch.nn.functional as F


@torch.no_grad()
def generate(model, prompt, steps):
    tokens, probabilities = [], []
    feed, state = prompt, None
    for _ in range(steps):
        logits, state = model(feed, state)
        p = F.softmax(logits[-1], dim=-1)
        token = p.argmax(dim=-1)
        tokens.append(token)
        probabilities.append(p)
        feed = token.unsqueeze(0)
    return torch.stack(tokens), torch.stack(probabilities)
