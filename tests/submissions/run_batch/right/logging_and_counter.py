# right: harmless module-level state (a counter and a logger), warnings, flatten_parameters
import logging
import warnings

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

log = logging.getLogger("run_batch")
log.addHandler(logging.StreamHandler())
calls = 0
longest_seen = {}


def run_batch(rnn, sequences, state=None):
    global calls
    calls += 1
    if not sequences:
        log.error("call %d came with no sequences", calls)
        raise ValueError("run_batch was called with an empty list")
    B = len(sequences)
    lengths = torch.as_tensor([s.shape[0] for s in sequences], device="cpu")
    T = int(lengths.max())
    longest_seen[B] = max(T, longest_seen.get(B, 0))
    if T > 50:
        warnings.warn(f"long batch: {T} steps")

    # pad myself, with the dtype and device of the sequences
    x = torch.zeros(T, B, sequences[0].shape[1], dtype=sequences[0].dtype, device=sequences[0].device)
    for i, s in enumerate(sequences):
        x[:s.shape[0], i] = s

    rnn.flatten_parameters()
    out, final = rnn(pack_padded_sequence(x, lengths, enforce_sorted=False), state)
    out = pad_packed_sequence(out, total_length=T)[0]
    log.warning("call %d: %d sequences, up to %d steps", calls, B, T)
    return [o[:n] for o, n in zip(out.unbind(1), lengths)], final
