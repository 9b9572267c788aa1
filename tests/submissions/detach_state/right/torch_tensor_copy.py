# right: torch.tensor(x) copies each tensor (torch warns that this is not the recommended way)
import torch


def detach_state(s):
    if s is None:
        return None
    if isinstance(s, torch.Tensor):
        return torch.tensor(s, dtype=s.dtype, device=s.device)
    if isinstance(s, dict):
        keys = list(s)
        values = [detach_state(s[k]) for k in keys]
        return type(s)(zip(keys, values))
    values = [detach_state(x) for x in s]
    return type(s)(*values) if hasattr(s, "_fields") else type(s)(values)
