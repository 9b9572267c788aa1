# wrong: keeps the results in a dict by length, so equally long sequences share the last one's
# misconception: none
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("empty batch")
    results = {}
    for i in sorted(range(len(sequences)), key=lambda i: len(sequences[i])):
        x = sequences[i]
        if state is None:
            s = None
        elif torch.is_tensor(state):
            s = state[:, i].contiguous()
        else:
            s = (state[0][:, i].contiguous(), state[1][:, i].contiguous())
        results[len(x)] = rnn(x, s)

    # back in the original order
    outputs = [results[len(x)][0] for x in sequences]
    states = [results[len(x)][1] for x in sequences]
    if isinstance(rnn, torch.nn.LSTM):
        return outputs, (torch.stack([h for h, _ in states], 1), torch.stack([c for _, c in states], 1))
    return outputs, torch.stack(states, 1)
