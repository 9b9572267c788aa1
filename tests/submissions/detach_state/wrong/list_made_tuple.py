# wrong: lists come back as tuples
# misconception: none
import torch


def repackage_hidden(h):
    """Wraps hidden states in new Tensors, to detach them from their history."""
    if h is None:
        return None
    if isinstance(h, torch.Tensor):
        return h.detach()
    if isinstance(h, dict):
        return type(h)((k, repackage_hidden(v)) for k, v in h.items())
    if hasattr(h, "_fields"):
        return type(h)(*(repackage_hidden(v) for v in h))
    return tuple(repackage_hidden(v) for v in h)


detach_state = repackage_hidden
