# wrong: with batch_first padding, out[:, -1] is taken for every sequence's last step
# misconception: last_padded_step
import torch
from torch import nn
from torch.nn.utils import rnn as R


def run_batch(rnn, sequences, state=None):
    if len(sequences) == 0:
        raise ValueError("expected at least one sequence, got 0")
    lengths = torch.tensor([s.shape[0] for s in sequences])
    x = R.pack_padded_sequence(
        R.pad_sequence(sequences, batch_first=True), lengths, batch_first=True, enforce_sorted=False
    )
    y, final = rnn(x, state)
    y, _ = R.pad_packed_sequence(y, batch_first=True)
    outputs = [y[i, : lengths[i]] for i in range(len(sequences))]
    if rnn.bidirectional:
        return outputs, final

    last = y[:, -1].unsqueeze(0)
    if isinstance(rnn, nn.LSTM):
        h, c = final
        return outputs, (torch.cat([h[:-1], last]), c)
    return outputs, torch.cat([final[:-1], last])
