# wrong: a forward hook collects the logits, and it is never removed: it stays on the model with its list, which
#     gets longer with every later call of the model, training included.
# (2) It breaks: "No call leaves tensors behind in modules, globals or closures" (and "the model ... stay[s] as [it was]").
# (3) It shows after any call: len(model._forward_hooks) is 1, then 2, ...; the hooks' list holds all logits (memory grows).
import torch


@torch.no_grad()
def generate(model, prompt, steps):
    outputs = []
    model.register_forward_hook(lambda module, inputs, output: outputs.append(output[0][-1]))

    tokens = []
    x, state = prompt, None
    for _ in range(steps):
        _, state = model(x, state)
        tokens.append(outputs[-1].argmax(dim=-1))
        x = tokens[-1].unsqueeze(0)
    return torch.stack(tokens), torch.stack(outputs)
