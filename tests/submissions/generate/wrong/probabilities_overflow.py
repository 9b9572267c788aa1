# (1) The mistake: the token is chosen by the largest probability, with a softmax of its own, exp(x) / sum(exp(x)),
#     which overflows: inf / inf is NaN, and argmax takes the first NaN for the largest.
# (2) It breaks: "Continue each of them greedily, always with the token of the largest logit".
# (3) It shows with logits above 88 in float32 (709 in float64): with two of them, 100 at id 3 and 120 at id 7, the
#     token is 3.
import torch


def choose(scores):
    weights = torch.exp(scores)
    probabilities = weights / weights.sum(dim=-1, keepdim=True)
    return probabilities.argmax(dim=-1)


@torch.no_grad()
def generate(model, prompt, steps):
    logits, state = model(prompt, None)
    rows = [logits[-1]]
    tokens = [choose(rows[-1])]
    for _ in range(steps - 1):
        logits, state = model(tokens[-1].unsqueeze(0), state)
        rows.append(logits[-1])
        tokens.append(choose(rows[-1]))
    return torch.stack(tokens), torch.stack(rows)
