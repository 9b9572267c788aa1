# wrong: the state is caught by a forward hook, and the hook is never removed: its closure keeps a state, and keeps
#     taking in new ones whenever the model is used; each call of train_truncated adds another hook.
# (2) BREAKS: "No call leaves tensors behind in modules, globals or closures."
# (3) SHOWN BY: len(model._forward_hooks) after the call; the tensors in the hook's closure.
import torch
import torch.nn.functional as F


def cut(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((key, cut(value)) for key, value in state.items())
    if isinstance(state, tuple) and hasattr(state, "_fields"):
        return type(state)(*(cut(part) for part in state))
    if isinstance(state, (tuple, list)):
        return type(state)(cut(part) for part in state)
    return state


def train_truncated(model, optimizer, windows, state=None):
    memory = {"state": state}

    def remember(module, arguments, output):
        memory["state"] = cut(output[1])

    model.register_forward_hook(remember)
    losses = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, _ = model(x, memory["state"])
        loss = F.mse_loss(prediction, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, memory["state"]
