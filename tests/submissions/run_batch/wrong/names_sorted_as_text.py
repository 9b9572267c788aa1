# wrong: outputs are sorted by names of which the eleventh comes before the third
# misconception: none
from torch.nn.utils.rnn import pack_sequence, unpack_sequence
import torch


def pick(state, order):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state[:, order]
    return tuple(part[:, order] for part in state)


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]), reverse=True)
    back = sorted(range(len(order)), key=order.__getitem__)
    packed, final = rnn(pack_sequence([sequences[i] for i in order]), pick(state, order))
    outputs = unpack_sequence(packed)
    outputs, final = [outputs[k] for k in back], pick(final, back)
    named = {f"sequence{i}": output for i, output in enumerate(outputs)}
    return [named[name] for name in sorted(named)], final
