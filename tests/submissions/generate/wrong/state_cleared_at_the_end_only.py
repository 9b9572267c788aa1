# wrong: a state for all calls, cleared only where a text was finished: after a failure the next one begins with it
# misconception: none
import torch


class Reader:
    def __init__(self):
        self.state = None

    def read(self, model, tokens):
        logits, self.state = model(tokens, self.state)
        return logits[-1]

    def clear(self):
        self.state = None


reader = Reader()


@torch.no_grad()
def generate(model, prompt, steps):
    logits = [reader.read(model, prompt)]
    tokens = [logits[0].argmax(dim=1)]
    for _ in range(1, steps):
        logits.append(reader.read(model, tokens[-1].unsqueeze(0)))
        tokens.append(logits[-1].argmax(dim=1))
    reader.clear()
    return torch.stack(tokens), torch.stack(logits)
