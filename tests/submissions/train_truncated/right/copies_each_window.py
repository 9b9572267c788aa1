# right: copies each window before the model sees it
import torch
import torch.nn.functional as F

step = 0

def detach_state(s):
    if s is None:
        return None
    if torch.is_tensor(s):
        return s.clone().detach()
    if isinstance(s, dict):
        d = s.__class__()
        for k in s.keys():
            d[k] = detach_state(s[k])
        return d
    l = []
    for item in s:
        l.append(detach_state(item))
    if isinstance(s, list):
        return l
    if hasattr(s, "_fields"):
        return s.__class__(*l)
    return tuple(l)

def train_truncated(model, optimizer, windows, state=None):
    global step
    losses = []
    # model.train()    # says: leave it alone
    for i, window in enumerate(windows):
        x = window[0]
        y = window[1]
        x = x.clone()
        for p in model.parameters():
            p.grad = None
        optimizer.zero_grad()
        prediction, new_state = model(x, state)
        loss = ((prediction - y) ** 2).mean()
        loss.backward()
        # torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(float(loss.detach()))
        state = detach_state(new_state)
        step += 1
        if i % 10 == 0:
            print(f"step {step} window {i} loss {losses[-1]:.4f}")
        del loss, prediction, new_state
    return losses, state
