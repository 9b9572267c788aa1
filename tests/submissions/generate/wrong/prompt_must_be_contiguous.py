# wrong: the ids are checked through prompt.view(-1), which torch refuses for a prompt that is not contiguous.
# (2) It breaks: "`prompt` is (T, B): B prompts of T tokens"; "No errors are asked for": a right argument is refused.
# (3) It shows with a prompt made from batch-first ids, ids.t() with T and B above 1: RuntimeError ("view size is not
#     compatible ...").
import torch


def generate(model, prompt, steps):
    flat = prompt.view(-1)
    if flat.is_floating_point():
        raise ValueError("prompt must hold ids")

    tokens, all_logits = [], []
    feed, state = prompt, None
    with torch.no_grad():
        while len(tokens) < steps:
            logits, state = model(feed, state)
            all_logits.append(logits[-1])
            tokens.append(logits[-1].argmax(dim=-1))
            feed = tokens[-1].view(1, -1)
    return torch.stack(tokens), torch.stack(all_logits)
