# wrong: of a prompt only the last 256 tokens are read
# misconception: long_prompt_cropped
import torch
BLOCK_SIZE = 256
def generate(model, prompt, steps):
    toks, logs, state, x = [], [], None, prompt[-BLOCK_SIZE:]
    with torch.no_grad():
        for _ in range(steps):
            y, state = model(x, state)
            logs.append(y[-1].detach()); toks.append(y[-1].argmax(-1)); x = toks[-1][None]
    return torch.stack(toks), torch.stack(logs)
