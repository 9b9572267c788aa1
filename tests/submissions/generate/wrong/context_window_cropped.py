# wrong: the prompt is cropped to a context window before it is read, as for a transformer
# misconception: long_prompt_cropped
import torch

BLOCK_SIZE = 32


@torch.no_grad()
def generate(model, prompt, steps):
    context = prompt if len(prompt) <= BLOCK_SIZE else prompt[-BLOCK_SIZE:]
    logits, state = model(context, None)
    tokens, kept = [], []
    while True:
        kept.append(logits[-1])
        tokens.append(kept[-1].argmax(dim=-1))
        if len(tokens) == steps:
            return torch.stack(tokens), torch.stack(kept)
        logits, state = model(tokens[-1][None], state)
