# right: the old "repackage_hidden" with Variable(h.data)
import torch
from torch.autograd import Variable


def repackage_hidden(h):
    """Wraps hidden states in new Variables, to detach them from their history."""
    if isinstance(h, torch.Tensor):
        return Variable(h.data)
    if h is None:
        return h
    if isinstance(h, dict):
        new = h.copy()
        for k in h:
            new[k] = repackage_hidden(h[k])
        return new
    if isinstance(h, list):
        return list(repackage_hidden(v) for v in h)
    if hasattr(h, "_replace"):
        return h._make(repackage_hidden(v) for v in h)
    return tuple(repackage_hidden(v) for v in h)


detach_state = repackage_hidden
