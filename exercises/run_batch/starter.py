"""run_batch: one state per sequence. Fill in the body."""

from torch import Tensor, nn

State = Tensor | tuple[Tensor, Tensor]


def run_batch(
    rnn: nn.RNN | nn.GRU | nn.LSTM,
    sequences: list[Tensor],
    state: State | None = None,
) -> tuple[list[Tensor], State]:
    """Run sequences of different lengths, each with a state of its own.

    Args:
        rnn: L layers, D directions; it may be built with `batch_first=True`.
        sequences: B tensors, the i-th (T_i, I), in any order of lengths, of the dtype
            and on the device of `rnn`. T_i is at least 1.
        state: the initial state (L*D, B, H), column i for `sequences[i]`; for an LSTM a
            pair (h, c), a tuple or a list. None means zeros.

    Returns:
        outputs: a list of B tensors, the i-th (T_i, D*H), in the order of `sequences`.
        state: the final state (L*D, B, H), column i for `sequences[i]`; for an LSTM a
            pair (h, c).
        Both have the dtype and device of `rnn`. If an LSTM projects, its outputs and h
        have `proj_size` features in place of H; c has H.

    Raises:
        ValueError: `sequences` is empty.
    """
    raise NotImplementedError
