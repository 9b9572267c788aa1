# wrong: gradients are switched off and on again by hand, but not where the model raises
# misconception: none
import torch
def generate(model, prompt, steps):
    was = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    toks, logs, state, x = [], [], None, prompt
    for _ in range(steps):
        y, state = model(x, state)
        logs.append(y[-1].detach()); toks.append(y[-1].argmax(-1)); x = toks[-1][None]
    torch.set_grad_enabled(was)
    return torch.stack(toks), torch.stack(logs)
