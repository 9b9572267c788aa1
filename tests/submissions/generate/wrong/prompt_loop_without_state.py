# wrong: the tokens of the prompt are fed one by one, each from a fresh state
# misconception: state_reset_each_token
import torch


@torch.no_grad()
def generate(model, prompt, steps):
    # read the prompt
    for t in range(prompt.size(0)):
        logits, state = model(prompt[t:t + 1], None)
    # write
    tokens = [logits[0].argmax(-1)]
    all_logits = [logits[0]]
    while len(tokens) < steps:
        logits, state = model(tokens[-1].view(1, -1), state)
        tokens.append(logits[0].argmax(-1))
        all_logits.append(logits[0])
    return torch.stack(tokens), torch.stack(all_logits)
