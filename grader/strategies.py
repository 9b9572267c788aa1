"""Hypothesis strategies for the parts of cases; smaller is simpler, and sizes within a case differ.

Sizes of one case are drawn pairwise different and mostly larger than 1, so that a mistaken axis shows; the batch
alone is often 1, because some mistakes (and some right answers) show only there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from hypothesis import strategies as st

from grader.cases import MANY_STEPS, SQUARE, Kind, RnnSpec, Sequences, State, Windows

KINDS: tuple[Kind, ...] = ("RNN", "GRU", "LSTM", "LSTM")  # an LSTM has most to get wrong


def distinct_sizes(count: int, *, min_size: int = 2, max_size: int = 7) -> st.SearchStrategy[list[int]]:
    """``count`` pairwise different sizes."""
    return st.lists(st.integers(min_size, max_size), min_size=count, max_size=count, unique=True)


def batch_sizes(*, max_size: int = 5) -> st.SearchStrategy[int]:
    """Numbers of sequences, 1 among them; the smallest is the simplest, but not the most frequent."""
    return st.sampled_from([*range(1, max_size + 1), *range(2, max_size + 1)])


def seeds() -> st.SearchStrategy[int]:
    """Seeds for weights and sequences."""
    return st.integers(0, 999)


@st.composite
def rnn_specs(
    draw: st.DrawFn,
    *,
    sizes: Sequence[int] | None = None,
    kinds: Sequence[Kind] = KINDS,
    max_layers: int = 3,
    bidirectional: bool | None = None,
    batch_first: bool | None = False,
    projections: bool = True,
    variations: bool = False,
    modes: bool = False,
) -> RnnSpec:
    """Specs of recurrent modules.

    Args:
        sizes: input size and hidden size; drawn different where not given.
        kinds: among which kinds to choose.
        max_layers: at most so many layers.
        bidirectional: one or the other, or both where ``None``.
        batch_first: likewise.
        projections: whether an LSTM may have a ``proj_size``.
        variations: whether ``bias`` may be off and the nonlinearity ``"relu"``.
        modes: whether the module may be in eval mode.
    """
    input_size, hidden_size = sizes if sizes is not None else draw(distinct_sizes(2))
    kind = draw(st.sampled_from(list(kinds)))
    proj_size = 0
    if projections and kind == "LSTM" and draw(st.sampled_from([False, False, True])):
        proj_size = draw(st.integers(1, hidden_size - 1)) if hidden_size > 1 else 0
    relu = variations and draw(st.booleans())  # drawn for every kind: else one kind would be simpler than another
    return RnnSpec(
        kind=kind,
        input_size=input_size,
        hidden_size=hidden_size,
        num_layers=draw(st.integers(1, max_layers)),
        bidirectional=draw(st.booleans()) if bidirectional is None else bidirectional,
        batch_first=draw(st.booleans()) if batch_first is None else batch_first,
        proj_size=proj_size,
        bias=not (variations and draw(st.booleans())),
        nonlinearity="relu" if relu and kind == "RNN" else "tanh",
        seed=draw(seeds()),
        training=not (modes and draw(st.sampled_from([False, False, True]))),
    )


@st.composite
def sequences(draw: st.DrawFn, *, features: int, max_batch: int = 5, max_length: int = 7) -> Sequences:
    """Batches of sequences of any lengths, in any order of lengths, equal ones among them."""
    batch_size = draw(batch_sizes(max_size=max_batch))
    lengths = draw(st.lists(st.integers(1, max_length), min_size=batch_size, max_size=batch_size))
    silent = draw(st.sampled_from([(), (), (), tuple(range(0, batch_size, 2))]))
    seeds_ = _sequence_seeds(draw, batch_size)
    return Sequences(seeds=seeds_, lengths=tuple(lengths), features=features, silent=silent)


@st.composite
def states(draw: st.DrawFn, *, batch_size: int, optional: bool = True) -> State | None:
    """Initial states for a batch; ``None`` among them where ``optional``."""
    if optional and draw(st.booleans()):
        return None
    container = cast(Any, draw(st.sampled_from(["tuple", "list"])))
    return State(seeds=_sequence_seeds(draw, batch_size), container=container)


@st.composite
def windows(
    draw: st.DrawFn,
    *,
    features: int,
    targets: int,
    min_windows: int = 1,
    max_windows: int = 4,
    max_batch: int = 4,
    max_length: int = 6,
) -> Windows:
    """Windows of a batch of long sequences, mostly of one length, the last one perhaps shorter."""
    batch_size = draw(batch_sizes(max_size=max_batch))
    count = draw(st.sampled_from([*range(min_windows, max_windows + 1), *range(2, max_windows + 1)]))
    lengths = draw(st.lists(st.integers(1, max_length), min_size=count, max_size=count))
    seeds_ = _sequence_seeds(draw, batch_size)
    return Windows(seeds=seeds_, lengths=tuple(lengths), features=features, targets=targets)


@st.composite
def whole_inputs(
    draw: st.DrawFn,
    *,
    features: int,
    unlike: Sequence[int] = (),
    max_batch: int = 5,
    max_length: int = 6,
    special: str | None = None,
) -> Windows:
    """Inputs ``(T, B, features)`` in one window; T and B differ from each other and from the sizes in ``unlike``.

    Each of them is 1 now and then, also where the other is. What is ``special`` may want other sizes.
    """
    batch_sizes_ = [size for size in range(2, max_batch + 1) if size not in (features, *unlike)]
    batch_size = draw(st.sampled_from([1, *batch_sizes_, *batch_sizes_]))
    lengths = [size for size in range(2, max_length + 1) if size not in (features, batch_size, *unlike)]
    length = draw(st.sampled_from([1, *lengths, *lengths]))
    seeds_ = _sequence_seeds(draw, batch_size)
    inputs = Windows(seeds=seeds_, lengths=(length,), features=features, targets=1)
    if special == MANY_STEPS:  # a gradient that ends behind ten steps has to show, and one behind 64
        return replace(inputs.of_size(1), lengths=(66,))
    if special == SQUARE:
        size = max(batch_size, 2)
        return replace(inputs.of_size(size), lengths=(size,))
    return inputs


def _sequence_seeds(draw: st.DrawFn, batch_size: int) -> tuple[int, ...]:
    first = draw(seeds())
    return tuple(first + index for index in range(batch_size))
