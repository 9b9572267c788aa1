# wrong: the tokens are written into a float tensor
# misconception: none
import torch


def generate(model, prompt, steps):
    B = prompt.shape[1]
    tokens = torch.zeros(steps, B, device=prompt.device)
    scores = []
    feed = prompt
    state = None
    with torch.no_grad():
        for i in range(steps):
            logits, state = model(feed, state)
            scores.append(logits[-1])
            tokens[i] = logits[-1].argmax(-1)
            feed = tokens[i].long().unsqueeze(0)
    return tokens, torch.stack(scores)
