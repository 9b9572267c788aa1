# wrong: argmax without dim finds one index for the whole batch, folded back into the vocabulary
# misconception: argmax_over_wrong_axis
import torch


def generate(model, prompt, steps):
    batch = prompt.shape[1]
    tokens = []
    chosen = []
    with torch.no_grad():
        logits, state = model(prompt, None)
        for step in range(steps):
            chosen.append(logits[-1])
            best = logits[-1].argmax() % logits.shape[-1]
            tokens.append(best.repeat(batch))
            if step != steps - 1:
                logits, state = model(tokens[-1].unsqueeze(0), state)
    return torch.stack(tokens), torch.stack(chosen)
