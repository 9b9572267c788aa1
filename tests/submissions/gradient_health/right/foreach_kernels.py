# right: the foreach kernels, a list of norms stacked
import torch


def _named_gradients(model):
    found = [(name, p.grad) for name, p in model.named_parameters() if p.grad is not None]
    return [name for name, _ in found], [grad for _, grad in found]


@torch.no_grad()
def gradient_norms(model):
    names, grads = _named_gradients(model)
    if not grads:
        return {"total": 0.0}
    norms = torch._foreach_norm(grads, 2)
    result = {name: norm.item() for name, norm in zip(names, norms)}
    result["total"] = torch.linalg.vector_norm(torch.stack([norm.double() for norm in norms])).item()
    return result


@torch.no_grad()
def clip_gradients(model, max_norm):
    total = gradient_norms(model)["total"]
    _, grads = _named_gradients(model)
    if total > max_norm:
        torch._foreach_mul_(grads, max_norm / total)
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = torch.tensor(gradient_norms(model)["total"], dtype=torch.float64)
    if not torch.isfinite(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"
