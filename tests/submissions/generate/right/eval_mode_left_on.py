# right: switches the model to eval mode, of which the contract does not speak
import torch


def generate(model, prompt, steps):
    model.eval()
    with torch.no_grad():
        feed, state, pairs = prompt, None, []
        for _ in range(steps):
            scores, state = model(feed, state)
            feed = scores[-1:].argmax(dim=2)
            pairs.append((feed[0], scores[-1]))
    chosen, chosen_from = zip(*pairs)
    return torch.stack(chosen), torch.stack(chosen_from)
