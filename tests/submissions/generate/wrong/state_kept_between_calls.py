# wrong: the state is kept in a module-level dict, so the next prompt goes on from it
# misconception: state_kept_between_calls
import torch

memory = {"state": None}


@torch.no_grad()
def generate(model, prompt, steps):
    tokens, logits = [], []
    feed = prompt
    for _ in range(steps):
        out, memory["state"] = model(feed, memory["state"])
        feed = out[-1].argmax(-1).unsqueeze(0)
        tokens.append(feed[0])
        logits.append(out[-1])
    return torch.stack(tokens), torch.stack(logits)
