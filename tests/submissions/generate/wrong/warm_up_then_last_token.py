# wrong: warms the state up on the whole prompt and then starts with its last token again
# misconception: last_prompt_token_fed_twice
import torch


class Sampler:
    def __init__(self, model):
        self.model = model
        self.state = None

    def warm_up(self, prompt):
        _, self.state = self.model(prompt, self.state)

    def next(self, token):
        logits, self.state = self.model(token.unsqueeze(0), self.state)
        return logits[0], logits[0].argmax(1)


def generate(model, prompt, steps):
    with torch.no_grad():
        sampler = Sampler(model)
        sampler.warm_up(prompt)
        token = prompt[-1]
        tokens, scores = [], []
        for _ in range(steps):
            logits, token = sampler.next(token)
            tokens.append(token)
            scores.append(logits)
    return torch.stack(tokens), torch.stack(scores)
