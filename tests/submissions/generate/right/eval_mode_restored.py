# right: generates in eval mode, and gives the model back in the mode it came in
import torch


def generate(model, prompt, steps):
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            logits, state = model(prompt, None)
            last, tokens, kept = logits[-1], [], []
            for left in reversed(range(steps)):
                kept.append(last)
                tokens.append(last.argmax(dim=-1))
                if left:
                    logits, state = model(tokens[-1].unsqueeze(0), state)
                    last = logits[0]
    finally:
        model.train(training)
    return torch.stack(tokens), torch.stack(kept)
