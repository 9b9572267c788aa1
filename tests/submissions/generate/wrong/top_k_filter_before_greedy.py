# wrong: the logits that are returned are those that top-k sampling leaves
# misconception: none
import torch

TOP_K = 50


def filter_top_k(logits, k):
    k = min(k, logits.size(-1))
    smallest = torch.topk(logits, k, dim=-1).values[..., -1, None]
    return logits.masked_fill(logits < smallest, float("-inf"))


@torch.no_grad()
def generate(model, prompt, steps):
    logits, state = model(prompt, None)
    all_tokens, all_logits = [], []
    for i in range(steps):
        next_logits = filter_top_k(logits[-1], TOP_K)
        next_token = torch.argmax(next_logits, dim=-1)
        all_tokens.append(next_token)
        all_logits.append(next_logits)
        if i < steps - 1:
            logits, state = model(next_token.unsqueeze(0), state)
    return torch.stack(all_tokens), torch.stack(all_logits)
