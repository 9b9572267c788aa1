"""Strategies draw what they promise, and shrink to the simplest."""

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from grader import strategies as gs
from grader.cases import RnnSpec, Sequences, State, Windows

QUIET = settings(database=None, deadline=None, max_examples=300)
FEW = settings(deadline=None, max_examples=50)


@FEW
@given(st.data(), st.integers(1, 6))
def test_distinct_sizes(data, count):
    """Sizes are pairwise different, and within their bounds."""
    sizes = data.draw(gs.distinct_sizes(count, min_size=2, max_size=7))
    assert len(set(sizes)) == len(sizes) == count
    assert all(2 <= size <= 7 for size in sizes)


@FEW
@given(gs.rnn_specs(batch_first=None, variations=True))
def test_specs_are_modules_that_torch_takes(spec):
    """Every spec is one that torch.nn would build: input and hidden size differ, a projection is smaller than both."""
    assert spec.input_size != spec.hidden_size
    assert 1 <= spec.num_layers <= 3
    assert spec.proj_size < spec.hidden_size
    assert spec.proj_size == 0 or spec.kind == "LSTM"
    assert spec.nonlinearity == "tanh" or spec.kind == "RNN"


@FEW
@given(gs.rnn_specs(sizes=(4, 1), kinds=["LSTM"]))
def test_a_hidden_size_of_one_leaves_no_projection(spec):
    """There is no proj_size below a hidden size of 1."""
    assert (spec.input_size, spec.hidden_size, spec.proj_size) == (4, 1, 0)


@FEW
@given(gs.rnn_specs(kinds=["GRU"], max_layers=1, bidirectional=True, batch_first=True, projections=False))
def test_keywords_are_kept(spec):
    """What the caller fixes is fixed."""
    assert (spec.kind, spec.num_layers, spec.bidirectional, spec.batch_first) == ("GRU", 1, True, True)
    assert (spec.bias, spec.nonlinearity) == (True, "tanh")


@FEW
@given(gs.sequences(features=3, max_batch=4, max_length=5))
def test_sequences(drawn):
    """One seed and one length a sequence, all seeds different."""
    assert len(set(drawn.seeds)) == len(drawn.seeds) == len(drawn.lengths) == drawn.batch_size <= 4
    assert all(1 <= length <= 5 for length in drawn.lengths)


@FEW
@given(gs.windows(features=2, targets=3, min_windows=2, max_windows=4))
def test_windows(drawn):
    """As many windows as asked for, each of at least one step."""
    assert 2 <= len(drawn.lengths) <= 4
    assert min(drawn.lengths) >= 1
    assert len(set(drawn.seeds)) == drawn.batch_size


@FEW
@given(gs.whole_inputs(features=2, unlike=[3, 4]))
def test_whole_inputs(drawn):
    """T and B are 1, or unlike each other and all other sizes."""
    assert len(drawn.lengths) == 1
    sizes = [size for size in (*drawn.lengths, drawn.batch_size) if size > 1]
    assert len({*sizes, 2, 3, 4}) == len(sizes) + 3


@pytest.mark.parametrize(
    ("strategy", "wanted", "simplest"),
    [
        pytest.param(gs.distinct_sizes(3), lambda _: True, [2, 3, 4], id="sizes"),
        pytest.param(gs.batch_sizes(), lambda _: True, 1, id="batch size"),
        pytest.param(
            gs.rnn_specs(batch_first=None, variations=True),
            lambda _: True,
            RnnSpec(kind="RNN", input_size=2, hidden_size=3),
            id="module",
        ),
        pytest.param(
            gs.rnn_specs(),
            lambda spec: spec.proj_size,
            RnnSpec(kind="LSTM", input_size=2, hidden_size=3, proj_size=1),
            id="module that projects",
        ),
        pytest.param(
            gs.rnn_specs(),
            lambda spec: spec.bidirectional and spec.num_layers > 1,
            RnnSpec(kind="RNN", input_size=2, hidden_size=3, num_layers=2, bidirectional=True),
            id="module of two layers and directions",
        ),
        pytest.param(
            gs.rnn_specs(variations=True),
            lambda spec: spec.nonlinearity == "relu",
            RnnSpec(kind="RNN", input_size=2, hidden_size=3, nonlinearity="relu"),
            id="relu",
        ),
        pytest.param(
            gs.sequences(features=2), lambda _: True, Sequences(seeds=(0,), lengths=(1,), features=2), id="sequences"
        ),
        pytest.param(
            gs.sequences(features=2),
            lambda drawn: len(set(drawn.lengths)) > 1,
            Sequences(seeds=(0, 1), lengths=(1, 2), features=2),
            id="sequences of two lengths",
        ),
        pytest.param(gs.states(batch_size=2), lambda _: True, None, id="no state"),
        pytest.param(gs.states(batch_size=2, optional=False), lambda _: True, State(seeds=(0, 1)), id="state"),
        pytest.param(
            gs.states(batch_size=1),
            lambda state: state is not None and state.container == "list",
            State(seeds=(0,), container="list"),
            id="state in a list",
        ),
        pytest.param(
            gs.windows(features=2, targets=3),
            lambda _: True,
            Windows(seeds=(0,), lengths=(1,), features=2, targets=3),
            id="windows",
        ),
        pytest.param(
            gs.windows(features=2, targets=3),
            lambda drawn: drawn.lengths[0] > drawn.lengths[-1] and drawn.batch_size > 1,
            Windows(seeds=(0, 1), lengths=(2, 1), features=2, targets=3),
            id="windows of two lengths and two sequences",
        ),
        pytest.param(
            gs.whole_inputs(features=2, unlike=[3]),
            lambda drawn: drawn.lengths[0] > 1 and drawn.batch_size > 1,
            Windows(seeds=tuple(range(4)), lengths=(5,), features=2, targets=1),
            id="whole inputs",
        ),
    ],
)
def test_shrinks_to_the_simplest(strategy, wanted, simplest):
    """Smaller is simpler: what is found for a condition is the smallest that meets it."""
    assert find(strategy, wanted, settings=QUIET) == simplest
