# wrong: layers above the second are run with the weights of the second
# misconception: none
import copy

from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    own = dict(rnn.named_parameters())
    same = copy.deepcopy(rnn, {id(weight): weight for weight in own.values()})
    for name in own:
        setattr(same, name, own[name.replace("_l2", "_l1")])
    packed, final = same(
        pack_sequence(sequences, enforce_sorted=False), tuple(state) if isinstance(state, list) else state
    )
    return unpack_sequence(packed), final
