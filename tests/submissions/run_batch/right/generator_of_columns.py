# right: a generator yields one sequence at a time, the state starts as explicit zeros
import torch


def zero_state(rnn, batch):
    p = next(rnn.parameters())
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = torch.zeros((rows, batch, rnn.proj_size or rnn.hidden_size), dtype=p.dtype, device=p.device)
    if not isinstance(rnn, torch.nn.LSTM):
        return h
    return h, torch.zeros((rows, batch, rnn.hidden_size), dtype=p.dtype, device=p.device)


def columns(rnn, sequences, state):
    for i, x in enumerate(sequences):
        if isinstance(rnn, torch.nn.LSTM):
            h, c = state
            y, (h, c) = rnn(x, (h[:, i].contiguous(), c[:, i].contiguous()))
            yield y, h, c
        else:
            yield rnn(x, state[:, i].contiguous())


def run_batch(rnn, sequences, state=None):
    if sequences == []:
        raise ValueError("sequences must not be []")
    state = zero_state(rnn, len(sequences)) if state is None else state
    outputs, *parts = zip(*columns(rnn, sequences, state))
    parts = [torch.stack(p).transpose(0, 1).contiguous() for p in parts]
    return list(outputs), parts[0] if len(parts) == 1 else tuple(parts)
