# wrong: only the prompt is read under no_grad, the loop is outside of the block
# misconception: graph_kept
import torch


def generate(model, prompt, steps):
    with torch.no_grad():
        logits, state = model(prompt, None)
        logits = logits[-1]
    tokens = [logits.argmax(dim=1)]
    all_logits = [logits]
    for _ in range(1, steps):
        logits, state = model(tokens[-1][None], state)
        logits = logits[0]
        tokens.append(logits.argmax(dim=1))
        all_logits.append(logits)
    return torch.stack(tokens), torch.stack(all_logits)
