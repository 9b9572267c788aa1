"""Has a small language model continue a prompt, and counts the calls of it and the tokens that it is fed."""

import torch
from torch import nn

from grader.execution.materials import (
    attributes,
    build_ids,
    build_rnn,
    copied,
    draw,
    hooks,
    like_a_real_device,
    live_tensors,
    numel,
    observe_pair,
    plain,
    turned,
    unpacked,
)

FAILS = "the call is ended, as it may be at any time"
record = []  # what a model calls with the tokens it is fed; not the model's, or a submission could call it, too


class Model(nn.Module):
    """Embedding, recurrent module and head, their numbers drawn so that what is generated varies.

    No token is followed by itself, so that a constant is never right.
    """

    def __init__(self, case):
        super().__init__()
        spec, vocabulary = case["rnn"], case["prompt"].features
        self.rnn = build_rnn(spec, case)
        embedding = draw(spec.seed + 1, vocabulary + 1, spec.input_size, case=case)
        embedding[vocabulary] = float("nan")  # the id of poisoned sequences
        self.embedding = nn.Embedding.from_pretrained(embedding)  # frozen
        weight = draw(spec.seed + 2, vocabulary, spec.state_features, case=case)
        self.head = nn.Linear(spec.state_features, vocabulary, device=case.device, dtype=weight.dtype)
        with torch.no_grad():
            for parameter in self.rnn.parameters():
                parameter.mul_(2)
            self.head.weight.copy_(weight * (1000 if "large" in case.options else 1))
            self.head.bias.zero_()
        self.register_buffer("ids", torch.arange(vocabulary, device=case.device), persistent=False)

    def forward(self, tokens, state=None):
        if tokens.dim() != 2:
            raise ValueError(f"expected tokens (T, B), got {tuple(tokens.shape)}")
        record[0](plain(tokens))
        outputs, state = self.rnn(self.embedding(tokens), tuple(state) if isinstance(state, list) else state)
        return self.head(outputs) - 10 * (tokens.unsqueeze(-1) == self.ids), state


def drive(submission, case, observe):
    run(submission, case, observe)  # whatever else it held is gone when it returns
    if "light" not in case.options:
        observe(kept=live_tensors() > 0)  # of any call, these or an earlier one


def run(submission, case, observe):
    counts = [0, 0]
    fails_at = 2 if case["fails"] else None

    def fed(tokens):
        counts[0] += numel(tokens)
        counts[1] += 1
        if counts[1] == fails_at:
            raise KeyboardInterrupt(FAILS)

    model = Model(case).train(case["mode"] == "train")
    record[:] = [fed]
    prompt = build_ids(case["prompt"], case["prompt"].lengths[0], below=case["prompt"].features, case=case)
    if case["transposed"]:
        prompt = turned(prompt)
    light = "light" in case.options
    if not light:
        for parameter in model.parameters():
            parameter.grad = torch.ones_like(parameter)
    if fails_at is not None:
        fail(submission, model, prompt, case)
        observe_pair(observe, "gradients enabled, after the model has failed", True, torch.is_grad_enabled())
        torch.set_grad_enabled(True)  # one mistake is one: who has left them off is as good as others from here on
        fails_at = None
    for _ in range(case["calls"]):
        counts[:] = 0, 0
        if not light:
            given = copied({"model": contents(model), "prompt": prompt})
        with like_a_real_device(case):
            tokens, logits = unpacked(submission.generate(model, prompt, case["steps"]), "tokens", "logits")
        observe(tokens=tokens, logits=logits)
        observe(**{"tokens fed": counts[0]})
        if "large" in case.options:  # in a long prompt, the logits no longer show what its first tokens were
            wanted = prompt.numel() + (case["steps"] - 1) * prompt.size(1)  # of more than that another law speaks
            observe(**{"tokens fed, of those to be fed": min(counts[0], wanted)})
        if "counted" in case.options:
            observe(calls=counts[1])
        if not light:
            observe_pair(observe, "arguments", given, {"model": contents(model), "prompt": prompt})


def fail(submission, model, prompt, case):
    """A call that somebody ends, as Ctrl-C does: the next one is to be like any other."""
    try:
        submission.generate(model, prompt, case["steps"])
    except KeyboardInterrupt as error:
        if str(error) != FAILS:
            raise


def contents(model):
    """What a call must leave as it was; of the mode the contract doesn't speak."""
    parameters = list(model.parameters())
    known = [parameter.grad for parameter in parameters if parameter.grad is not None]
    return {
        "parameters": torch.cat([parameter.detach().flatten() for parameter in parameters]),
        "gradients": torch.cat([gradient.flatten() for gradient in known]) if known else None,
        "require gradients": [parameter.requires_grad for parameter in parameters],
        "gradients enabled": torch.is_grad_enabled(),
        "saved": sorted(model.state_dict()),
        "hooks": hooks(model),
        "attributes": dict.fromkeys(attributes(model)),
    }
