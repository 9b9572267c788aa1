# wrong: keeps a buffer of prompt and tokens and runs it from the start each time
# misconception: prefix_fed_again_from_fresh_state
import torch
import torch.nn as nn


def generate(model, prompt, steps):
    T, B = prompt.shape
    buffer = torch.zeros(T + steps, B, dtype=torch.long, device=prompt.device)
    buffer[:T] = prompt
    collected = None
    for i in range(steps):
        with torch.no_grad():
            logits, state = model(buffer[:T + i], None)
        if collected is None:
            collected = torch.zeros(steps, B, logits.shape[-1], dtype=logits.dtype, device=logits.device)
        collected[i] = logits[T + i - 1]
        buffer[T + i] = collected[i].argmax(-1)
    return buffer[T:], collected
