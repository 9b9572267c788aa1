# right: recursion, halves of the list are run apart and joined along the batch
import torch


def _columns(state, start, stop):
    if state is None:
        return None
    if torch.is_tensor(state):
        return state[:, start:stop]
    return tuple(_columns(s, start, stop) for s in state)


def _join(left, right):
    if torch.is_tensor(left):
        return torch.cat((left, right), dim=1)
    return tuple(map(_join, left, right))


def run_batch(rnn, sequences, state=None):
    n = len(sequences)
    if n == 0:
        raise ValueError("nothing to run: `sequences` is empty")
    if n == 1:
        axis = 0 if rnn.batch_first else 1
        if state is not None:
            state = state.contiguous() if torch.is_tensor(state) else tuple(s.contiguous() for s in state)
        output, state = rnn(sequences[0].unsqueeze(axis), state)
        return [output.squeeze(axis)], state

    half = n // 2
    left, left_state = run_batch(rnn, sequences[:half], _columns(state, 0, half))
    right, right_state = run_batch(rnn, sequences[half:], _columns(state, half, n))
    return left + right, _join(left_state, right_state)
