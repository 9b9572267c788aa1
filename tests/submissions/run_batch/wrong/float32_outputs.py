# wrong: the buffer for the outputs has the default dtype, float64 is rounded on the way
# misconception: buffer_in_default_dtype
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("nothing given")
    D = 1 + rnn.bidirectional
    size = D * (rnn.proj_size or rnn.hidden_size)
    outputs, finals = [], []
    for i, x in enumerate(sequences):
        start = state
        if state is not None:
            is_pair = isinstance(state, (list, tuple))
            start = tuple(s[:, i].contiguous() for s in state) if is_pair else state[:, i].contiguous()
        buffer = torch.zeros(len(x), size, device=x.device)
        y, end = rnn(x, start)
        buffer[:] = y
        outputs.append(buffer)
        finals.append(end)
    if isinstance(rnn, torch.nn.LSTM):
        return outputs, tuple(torch.stack(f, dim=1) for f in zip(*finals))
    return outputs, torch.stack(finals, dim=1)
