# wrong: the last state stays on the model, as an attribute
# misconception: none
import torch
import torch.nn as nn


def generate(model, prompt, steps):
    model.hidden = None  # reset hidden state
    new_tokens = []
    new_logits = []
    inp = prompt
    with torch.no_grad():
        for i in range(steps):
            output, model.hidden = model(inp, model.hidden)
            scores = output[-1, :, :]
            pred = scores.argmax(1)
            new_tokens.append(pred)
            new_logits.append(scores)
            inp = pred.unsqueeze(0)
            # print(i, pred)
    return torch.stack(new_tokens), torch.stack(new_logits)
