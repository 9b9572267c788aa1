# wrong: model(prompt), without the state None that the model's signature asks for
# misconception: none
import torch
import torch.nn as nn


def generate(model: nn.Module, prompt: torch.Tensor, steps: int):
    generated, scores = [], []
    with torch.no_grad():
        logits, state = model(prompt)
        for step in range(steps):
            if step > 0:
                logits, state = model(generated[-1].unsqueeze(0), state)
            scores.append(logits[-1])
            generated.append(torch.argmax(logits[-1], dim=-1))
    return torch.stack(generated), torch.stack(scores)
