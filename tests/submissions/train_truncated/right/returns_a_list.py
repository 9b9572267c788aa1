# right: the pair is returned as a list, losses and state
import torch

mse = torch.nn.MSELoss()


def freeze(state):
    if state is None:
        return None
    elif torch.is_tensor(state):
        return state.detach()
    elif isinstance(state, dict):
        result = type(state)()
        for k, v in state.items():
            result[k] = freeze(v)
        return result
    elif hasattr(state, "_fields"):
        return type(state)(*[freeze(v) for v in state])
    elif isinstance(state, tuple):
        return tuple(freeze(v) for v in state)
    else:
        return [freeze(v) for v in state]


def train_truncated(model, optimizer, windows, state=None):
    result = [[], state]
    for x, y in windows:
        optimizer.zero_grad()
        prediction, new_state = model(x, result[1])
        loss = mse(prediction, y)
        loss.backward()
        optimizer.step()
        result[0].append(loss.item())
        result[1] = freeze(new_state)
    return result
