# right: max over the vocabulary, counting down, with a warning for long prompts
import warnings
import torch


def generate(model, prompt, steps):
    if len(prompt) > 1000:
        warnings.warn("a long prompt takes a while")
    grad_was_on = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    try:
        logits, state = model(prompt, None)
        logits = logits[-1]
        out_tokens = logits.new_empty((0, prompt.size(1)), dtype=torch.long)
        out_logits = logits.new_empty((0,) + tuple(logits.shape))
        left = steps
        while left > 0:
            _, token = torch.max(logits, dim=1)
            out_tokens = torch.cat((out_tokens, token.unsqueeze(0)))
            out_logits = torch.cat((out_logits, logits.unsqueeze(0)))
            left -= 1
            if left > 0:
                logits, state = model(token.unsqueeze(0), state)
                logits = logits.squeeze(0)
    finally:
        torch.set_grad_enabled(grad_was_on)
    return out_tokens, out_logits
