# right: verbose beginner code that fills preallocated tensors in place
import torch
import torch.nn as nn
import numpy as np


def generate(model, prompt, steps):
    # size of the prompt
    T = prompt.shape[0]
    B = prompt.shape[1]

    with torch.no_grad():
        state = None
        # feed the whole prompt
        logits, state = model(prompt, state)
        V = logits.shape[2]

        all_tokens = torch.zeros(steps, B, dtype=torch.int64, device=prompt.device)
        all_logits = torch.zeros(steps, B, V, dtype=logits.dtype, device=logits.device)

        # the first new token comes from the last step of the prompt
        all_logits[0] = logits[T - 1]
        all_tokens[0] = torch.argmax(logits[T - 1], dim=1)

        # now the other ones
        for i in range(1, steps):
            last_token = all_tokens[i - 1]
            last_token = last_token.reshape(1, B)
            logits, state = model(last_token, state)
            all_logits[i] = logits[0]
            all_tokens[i] = torch.argmax(logits[0], dim=1)

    return all_tokens, all_logits
