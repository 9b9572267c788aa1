# wrong: the state of the prompt and of each token is thrown away
# misconception: state_reset_each_token
import torch


def generate(model, prompt, steps):
    tokens, scores = [], []
    with torch.no_grad():
        logits, _ = model(prompt, None)
        for i in range(steps):
            scores.append(logits[-1])
            token = torch.argmax(logits[-1], dim=-1)
            tokens.append(token)
            if i + 1 < steps:
                logits, _ = model(token.unsqueeze(0), None)
    return torch.stack(tokens), torch.stack(scores)
