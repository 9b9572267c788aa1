# wrong: fed in pieces of 16, the last token is lost where it would be a piece of its own
# misconception: long_prompt_cropped
import torch
def generate(model, prompt, steps):
    toks, logs, state = [], [], None
    with torch.no_grad():
        for i in range(0, max(len(prompt) - 1, 1), 16):
            y, state = model(prompt[i:i + 16], state)
        for k in range(steps):
            if k:
                y, state = model(toks[-1][None], state)
            logs.append(y[-1].detach()); toks.append(y[-1].argmax(-1))
    return torch.stack(toks), torch.stack(logs)
