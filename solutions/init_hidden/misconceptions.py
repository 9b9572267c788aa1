"""What students get wrong in init_hidden, each as a small wrong solution."""

import torch
from torch import nn

_states_by_size = {}  # what CachedState keeps between calls


def count_states(rnn):
    """L * D: one state a layer and direction."""
    return rnn.num_layers * (2 if rnn.bidirectional else 1)


def count_features(rnn):
    """The features of h: proj_size if the module projects, else hidden_size."""
    return rnn.proj_size or rnn.hidden_size


class NoLayerAxis:
    """The state has no layer axis.

    You make one matrix (B, H), as a single cell would take it. A module holds one state for each
    layer and each direction, and expects them stacked along a first axis, even when there is only
    one; without that axis it cannot tell which layer a state belongs to.
    """

    hint = "Count the axes of the state that rnn(inputs) returns, also for a single layer."

    def init_hidden(rnn, batch_size):
        weight = next(rnn.parameters())
        h = weight.new_zeros(batch_size, count_features(rnn))
        if not isinstance(rnn, nn.LSTM):
            return h
        return h, weight.new_zeros(batch_size, rnn.hidden_size)


class DirectionsForgotten:
    """The directions are missing from the first axis.

    You make one state for each layer. A bidirectional module reads the sequence twice in every
    layer, once from each end, and each reading carries a state of its own, so half of the states
    are missing.
    """

    hint = "How many times does each layer of a bidirectional module read the sequence?"

    def init_hidden(rnn, batch_size):
        weight = next(rnn.parameters())
        h = weight.new_zeros(rnn.num_layers, batch_size, count_features(rnn))
        if not isinstance(rnn, nn.LSTM):
            return h
        return h, weight.new_zeros(rnn.num_layers, batch_size, rnn.hidden_size)


class BatchAxisFirst:
    """The batch stands on the first axis of the state.

    You put the batch before the layers. A hidden state is never batch-first, not even when the
    module is: batch_first moves the axes of inputs and outputs only. When the batch happens to be
    as large as layers times directions nothing complains, and layers and sequences are mixed up.
    """

    hint = "batch_first speaks of inputs and outputs; look up what the documentation says of h_0."

    def init_hidden(rnn, batch_size):
        weight = next(rnn.parameters())
        h = weight.new_zeros(batch_size, count_states(rnn), count_features(rnn))
        if not isinstance(rnn, nn.LSTM):
            return h
        return h, weight.new_zeros(batch_size, count_states(rnn), rnn.hidden_size)


class OneColumn:
    """The state has one column for the whole batch.

    You make a batch axis of size 1 and leave it to broadcasting to fill the rest. Each sequence of
    the batch remembers its own past and needs a column of its own; `torch.nn` refuses a state
    whose batch is not that of the inputs.
    """

    hint = "The size of the middle axis has to follow from batch_size."

    def init_hidden(rnn, batch_size):
        weight = next(rnn.parameters())
        h = weight.new_zeros(count_states(rnn), 1, count_features(rnn))
        if not isinstance(rnn, nn.LSTM):
            return h
        return h, weight.new_zeros(count_states(rnn), 1, rnn.hidden_size)


class ExpandedColumn:
    """One column is expanded over the batch, so all sequences share it.

    You make one column and let `expand` repeat it. The shape is right, but all sequences look at
    the same memory: writing into the state of one writes into the state of every other, and the
    tensor is not contiguous, which cuDNN refuses.
    """

    hint = "After h[:, 0] = 1, what does h[:, 1] hold? Ask h.is_contiguous() as well."

    def init_hidden(rnn, batch_size):
        weight = next(rnn.parameters())
        h = weight.new_zeros(count_states(rnn), 1, count_features(rnn)).expand(-1, batch_size, -1)
        if not isinstance(rnn, nn.LSTM):
            return h
        c = weight.new_zeros(count_states(rnn), 1, rnn.hidden_size).expand(-1, batch_size, -1)
        return h, c


class OneTensorForLstm:
    """An LSTM gets one tensor instead of a pair.

    You return a single tensor whatever the module is. An LSTM carries two memories from step to
    step, the hidden state h and the cell state c, and needs a first value for each of them.
    """

    hint = "Compare what nn.GRU and nn.LSTM return as their second result."

    def init_hidden(rnn, batch_size):
        weight = next(rnn.parameters())
        return weight.new_zeros(count_states(rnn), batch_size, count_features(rnn))


class SharedHAndC:
    """h and c are the same tensor.

    You make one tensor and return it twice. While it is only read nothing shows, but h and c are
    two memories: as soon as one is written in place, to reset a sequence for example, the other
    changes with it.
    """

    hint = "A second name for a tensor is not a second tensor; what does `h is c` say?"

    def init_hidden(rnn, batch_size):
        weight = next(rnn.parameters())
        h = weight.new_zeros(count_states(rnn), batch_size, count_features(rnn))
        if not isinstance(rnn, nn.LSTM):
            return h
        if rnn.proj_size > 0:
            return h, weight.new_zeros(count_states(rnn), batch_size, rnn.hidden_size)
        return h, h


class ProjSizeIgnored:
    """h has hidden_size features although the module projects.

    You give h and c the same number of features. An LSTM with proj_size makes its hidden state
    smaller before it hands it on, so h has proj_size features; the cell state c is not projected
    and keeps hidden_size.
    """

    hint = "Build nn.LSTM(4, 6, proj_size=5), run it, and print the shapes of h and c."

    def init_hidden(rnn, batch_size):
        weight = next(rnn.parameters())
        h = weight.new_zeros(count_states(rnn), batch_size, rnn.hidden_size)
        if not isinstance(rnn, nn.LSTM):
            return h
        return h, weight.new_zeros(count_states(rnn), batch_size, rnn.hidden_size)


class DefaultDtype:
    """The state has the default dtype instead of the module's.

    You make the zeros without a dtype, so they are float32. A module in float64 or bfloat16 does
    not multiply its weights with a state of another dtype; the state has to follow the module's
    parameters.
    """

    hint = "Call .double() on the module and try again; which tensor of the module knows the dtype?"

    def init_hidden(rnn, batch_size):
        device = next(rnn.parameters()).device
        h = torch.zeros(count_states(rnn), batch_size, count_features(rnn), device=device)
        if not isinstance(rnn, nn.LSTM):
            return h
        return h, torch.zeros(count_states(rnn), batch_size, rnn.hidden_size, device=device)


class DefaultDevice:
    """The state is made on the CPU, wherever the module is.

    You make the zeros without a device, so they are on the CPU. On your machine that may be right
    by luck; as soon as the module moves to a GPU, its weights and its state are in two places and
    the first step fails.
    """

    hint = 'You need no GPU to try it: nn.GRU(4, 6, device="meta") refuses a state on the CPU too.'

    def init_hidden(rnn, batch_size):
        dtype = next(rnn.parameters()).dtype
        h = torch.zeros(count_states(rnn), batch_size, count_features(rnn), dtype=dtype)
        if not isinstance(rnn, nn.LSTM):
            return h
        return h, torch.zeros(count_states(rnn), batch_size, rnn.hidden_size, dtype=dtype)


class CachedState:
    """The same state is kept and handed out again.

    You keep the zeros of the first call and return them whenever the sizes are the same. Whoever
    got them may write into them; the next caller then starts from the leftovers of another
    sequence instead of from zeros.
    """

    hint = "Call it twice, write into the first result, and look at the second."

    def init_hidden(rnn, batch_size):
        weight = next(rnn.parameters())
        num_states, features = count_states(rnn), count_features(rnn)
        is_lstm = isinstance(rnn, nn.LSTM)
        key = (is_lstm, num_states, batch_size, features, rnn.hidden_size)
        key += (weight.dtype, weight.device)
        if key not in _states_by_size:
            h = weight.new_zeros(num_states, batch_size, features)
            c = weight.new_zeros(num_states, batch_size, rnn.hidden_size)
            _states_by_size[key] = (h, c) if is_lstm else h
        return _states_by_size[key]


class RandomState:
    """The state is random instead of zero.

    You draw the first state from a normal distribution, as one does for weights. A state is what
    the network remembers, and before the first step it remembers nothing; random numbers make the
    answer for the same sequence another one at each call.
    """

    hint = "Run the same inputs twice, each time from a new state, and compare the outputs."

    def init_hidden(rnn, batch_size):
        weight = next(rnn.parameters())
        like_weight = {"dtype": weight.dtype, "device": weight.device}
        h = torch.randn(count_states(rnn), batch_size, count_features(rnn), **like_weight)
        if not isinstance(rnn, nn.LSTM):
            return h
        return h, torch.randn(count_states(rnn), batch_size, rnn.hidden_size, **like_weight)
