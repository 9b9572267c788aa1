# right: no no_grad, the logits and the state are detached after each call instead
import torch


def cut(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, cut(v)) for k, v in state.items())
    if isinstance(state, tuple) and hasattr(state, "_fields"):
        return type(state)(*map(cut, state))
    if isinstance(state, (tuple, list)):
        return type(state)(cut(s) for s in state)
    return state


def generate(model, prompt, steps):
    results, feed, state = [], prompt, None
    for _ in range(steps):
        logits, state = model(feed, state)
        state = cut(state)
        last = logits.data[-1]
        feed = last.argmax(-1).view(1, prompt.shape[1])
        results.append((feed, last))
    return torch.cat([t for t, _ in results]), torch.stack([l for _, l in results])
