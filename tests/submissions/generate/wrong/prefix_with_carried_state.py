# wrong: all tokens so far are fed again although the state has seen them
# misconception: prefix_fed_again_with_state
import torch


@torch.no_grad()
def generate(model, prompt, steps):
    sequence = prompt
    state = None
    all_logits = []
    for _ in range(steps):
        logits, state = model(sequence, state)
        all_logits.append(logits[-1])
        token = logits[-1].argmax(dim=-1)
        sequence = torch.cat([sequence, token.unsqueeze(0)])
    return sequence[len(prompt):], torch.stack(all_logits)
