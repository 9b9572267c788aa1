# right: all gradients joined in one flat vector, its pieces are read back
import torch


def _flat(model):
    pairs = [(n, p.grad.detach().reshape(-1)) for n, p in model.named_parameters() if p.grad is not None]
    if not pairs:
        return [], [], torch.zeros(0)
    names, pieces = zip(*pairs)
    return names, [len(piece) for piece in pieces], torch.cat(pieces)


def gradient_norms(model):
    names, sizes, flat = _flat(model)
    norms = {}
    if names:
        for name, piece in zip(names, flat.split(sizes)):
            norms[name] = float(piece.pow(2).sum().sqrt())
    norms["total"] = float(torch.linalg.norm(flat))
    return norms


def clip_gradients(model, max_norm):
    _, _, flat = _flat(model)
    total = float(torch.linalg.norm(flat))
    scale = min(1.0, max_norm / (total + 1e-6))
    with torch.no_grad():
        for p in model.parameters():
            if p.grad is not None:
                p.grad *= scale
    return total


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if low <= total <= high:
        return "healthy"
    return "vanishing" if total < low else "exploding"
