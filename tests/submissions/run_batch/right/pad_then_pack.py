# right: verbose beginner code, pad, pack, run, unpad, cut
import torch
import torch.nn as nn
import torch.nn.functional as F
import math
from torch.nn.utils.rnn import pad_sequence
from torch.nn.utils.rnn import pack_padded_sequence
from torch.nn.utils.rnn import pad_packed_sequence


def run_batch(rnn, sequences, state=None):
    # nothing to do for an empty list
    if len(sequences) == 0:
        raise ValueError("the list of sequences is empty!")

    # step 1: remember how long each sequence is
    lengths = []
    for sequence in sequences:
        T_i = sequence.shape[0]
        lengths.append(T_i)
    lengths = torch.tensor(lengths, device="cpu")

    # step 2: pad with zeros, shape (T, B, I)
    padded = pad_sequence(sequences)

    # step 3: pack. enforce_sorted=False sorts for us AND puts back the order!!
    packed = pack_padded_sequence(padded, lengths, enforce_sorted=False)

    # step 4: run
    if state is None:
        packed_output, final_state = rnn(packed)
    else:
        packed_output, final_state = rnn(packed, state)

    # step 5: unpack, (T, B, D*H)
    output, output_lengths = pad_packed_sequence(packed_output)

    # step 6: throw the padding away
    outputs = []
    for i in range(len(sequences)):
        T_i = int(lengths[i])
        outputs.append(output[:T_i, i, :])

    return outputs, final_state
