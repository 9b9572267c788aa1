# right: a custom autograd Function whose output is marked non-differentiable
import torch


class Cut(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x.clone()
        ctx.mark_non_differentiable(y)
        return y

    @staticmethod
    def backward(ctx, grad):
        return None


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return Cut.apply(state)
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    items = (detach_state(v) for v in state)
    if hasattr(state, "_fields"):
        return type(state)(*items)
    return type(state)(items)
