# right: explicit loop over the tokens of the prompt too, one call for each
import torch


def generate(model, prompt, steps):
    """Greedy decoding, strictly one token at a time."""
    state = None
    tokens = []
    scores = []
    with torch.no_grad():
        for token in prompt:
            logits, state = model(token[None, :], state)
        while True:
            scores.append(logits[0])
            tokens.append(logits[0].argmax(1))
            if len(tokens) == steps:
                break
            logits, state = model(tokens[-1][None, :], state)
    return torch.stack(tokens, 0), torch.stack(scores, 0)
