# wrong: gradients stay off where Ctrl-C ends the call
# misconception: none
import torch


def generate(model, prompt, steps):
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    try:
        logits, state = model(prompt, None)
        tokens, scores = [], []
        for step in range(steps):
            if step:
                logits, state = model(tokens[-1].unsqueeze(0), state)
            scores.append(logits[-1])
            tokens.append(logits[-1].argmax(dim=-1))
    except Exception:
        torch.set_grad_enabled(before)
        raise
    torch.set_grad_enabled(before)
    return torch.stack(tokens), torch.stack(scores)
