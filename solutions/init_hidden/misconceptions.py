"""What students get wrong in init_hidden, each as a small wrong solution."""

from functools import lru_cache

import torch
from torch import nn

_states_by_size = {}  # what CachedState keeps between calls


def count_states(rnn):
    """L * D: one state a layer and direction."""
    return rnn.num_layers * (2 if rnn.bidirectional else 1)


def count_features(rnn):
    """The features of h: proj_size if the module projects, else hidden_size."""
    return rnn.proj_size or rnn.hidden_size


def zeros(rnn, *sizes):
    """A zero state with these sizes before the features."""
    weight = next(rnn.parameters())
    h = weight.new_zeros(*sizes, count_features(rnn))
    if not isinstance(rnn, nn.LSTM):
        return h
    return h, weight.new_zeros(*sizes, rnn.hidden_size)


def right_zeros(rnn, batch_size):
    """What init_hidden should return."""
    return zeros(rnn, count_states(rnn), batch_size)


def right_but_for_c(rnn, batch_size, c):
    """The right state, but for an LSTM's c."""
    state = right_zeros(rnn, batch_size)
    return (state[0], c) if isinstance(rnn, nn.LSTM) else state


def input_sized(rnn, batch_size, features):
    """A zero state whose h has these features, and whose c has as many as the inputs."""
    h = next(rnn.parameters()).new_zeros(count_states(rnn), batch_size, features)
    return (h, h.new_zeros(count_states(rnn), batch_size, rnn.input_size)) if isinstance(rnn, nn.LSTM) else h


class NoLayerAxis:
    """The state has no layer axis.

    You make one matrix (B, H), as a single cell would take it. A module holds one state for each
    layer and each direction, and expects them stacked along a first axis, even when there is only
    one; without that axis it cannot tell which layer a state belongs to.
    """

    hint = "Count the axes of the state that rnn(inputs) returns, also for a single layer."

    def init_hidden(rnn, batch_size):
        return zeros(rnn, batch_size)


# Only where there is a single layer and a single direction.
class NoLayerAxisForOneLayer(NoLayerAxis):
    def init_hidden(rnn, batch_size):
        return zeros(rnn, batch_size) if count_states(rnn) == 1 else right_zeros(rnn, batch_size)


class DirectionsForgotten:
    """The directions are missing from the first axis.

    You make one state for each layer. A bidirectional module reads the sequence twice in every
    layer, once from each end, and each reading carries a state of its own, so half of the states
    are missing.
    """

    hint = "How many times does each layer of a bidirectional module read the sequence?"

    def init_hidden(rnn, batch_size):
        return zeros(rnn, rnn.num_layers, batch_size)


# Only in c.
class DirectionsForgottenInC(DirectionsForgotten):
    def init_hidden(rnn, batch_size):
        c = next(rnn.parameters()).new_zeros(rnn.num_layers, batch_size, rnn.hidden_size)
        return right_but_for_c(rnn, batch_size, c)


class SingleLayerOnly:
    """The state is that of one layer, whatever the number of layers.

    You don't count the layers, so that a module with two of them gets half of the state it needs. Every layer
    remembers something of its own, and has rows of its own on the first axis.
    """

    hint = "Run a module with num_layers=3 without a state: how many rows has the state that it returns?"

    def init_hidden(rnn, batch_size):
        return zeros(rnn, 2 if rnn.bidirectional else 1, batch_size)


# The directions are not counted either.
class SingleRowOnly(SingleLayerOnly):
    def init_hidden(rnn, batch_size):
        return zeros(rnn, 1, batch_size)


class SeparateDirectionAxis:
    """Layers and directions are two axes, where they should be one.

    The state has as many numbers as it should, but four axes. It always has three: layers and directions are counted
    together along the first, each layer's forward row before its backward row.
    """

    hint = "Run a bidirectional module without a state: how many axes has the state that it returns?"

    def init_hidden(rnn, batch_size):
        directions = [2] if rnn.bidirectional else []
        return zeros(rnn, rnn.num_layers, *directions, batch_size)


# Also where there is one direction.
class AlwaysADirectionAxis(SeparateDirectionAxis):
    def init_hidden(rnn, batch_size):
        return zeros(rnn, rnn.num_layers, 2 if rnn.bidirectional else 1, batch_size)


class BatchAxisFirst:
    """The batch stands on the first axis of the state.

    You put the batch before the layers. A hidden state is never batch-first, not even when the
    module is: batch_first moves the axes of inputs and outputs only. When the batch happens to be
    as large as layers times directions nothing complains, and layers and sequences are mixed up.
    """

    hint = "batch_first speaks of inputs and outputs; look up what the documentation says of h_0."

    def init_hidden(rnn, batch_size):
        return zeros(rnn, batch_size, count_states(rnn))


# Only where the module is batch_first.
class BatchAxisFirstLikeInputs(BatchAxisFirst):
    def init_hidden(rnn, batch_size):
        sizes = count_states(rnn), batch_size
        return zeros(rnn, *(reversed(sizes) if rnn.batch_first else sizes))


class OneColumn:
    """The state has one column for the whole batch.

    You make a batch axis of size 1 and leave it to broadcasting to fill the rest. Each sequence of
    the batch remembers its own past and needs a column of its own; `torch.nn` refuses a state
    whose batch is not that of the inputs.
    """

    hint = "The size of the middle axis has to follow from batch_size."

    def init_hidden(rnn, batch_size):
        return zeros(rnn, count_states(rnn), 1)


# Only in c.
class OneColumnInC(OneColumn):
    def init_hidden(rnn, batch_size):
        c = next(rnn.parameters()).new_zeros(count_states(rnn), 1, rnn.hidden_size)
        return right_but_for_c(rnn, batch_size, c)


class ExpandedColumn:
    """One column is expanded over the batch, so all sequences share it.

    You make one column, or a single zero, and let `expand` repeat it. The shape is right, but all
    sequences look at the same memory: writing into the state of one writes into the state of every
    other, and the tensor is not contiguous, which cuDNN refuses.
    """

    hint = "After h[:, 0] = 1, what does h[:, 1] hold? Ask h.is_contiguous() as well."

    def init_hidden(rnn, batch_size):
        weight = next(rnn.parameters())
        h = weight.new_zeros(count_states(rnn), 1, count_features(rnn)).expand(-1, batch_size, -1)
        if not isinstance(rnn, nn.LSTM):
            return h
        c = weight.new_zeros(count_states(rnn), 1, rnn.hidden_size).expand(-1, batch_size, -1)
        return h, c


# A single zero is expanded, over layers and features too.
class ExpandedZero(ExpandedColumn):
    def init_hidden(rnn, batch_size):
        zero = next(rnn.parameters()).new_zeros(())
        h = zero.expand(count_states(rnn), batch_size, count_features(rnn))
        if not isinstance(rnn, nn.LSTM):
            return h
        return h, zero.clone().expand(count_states(rnn), batch_size, rnn.hidden_size)


class LayersShareMemory:
    """One layer's zeros are expanded over all layers, so that all layers share them.

    The shape is right, but the rows of the first axis are one row, looked at again and again: writing into the state
    of one layer writes into that of every other. Nor is the tensor contiguous, which cuDNN asks for.
    """

    hint = "After h[0] = 1, what does h[1] hold for a module with two layers?"

    def init_hidden(rnn, batch_size):
        def expanded(row):
            return row.expand(count_states(rnn), -1, -1)

        row = zeros(rnn, batch_size)
        return tuple(expanded(part) for part in row) if isinstance(rnn, nn.LSTM) else expanded(row)


class Transposed:
    """The state is not contiguous: it is a transposed view.

    You make the zeros with the batch first and swap the axes. The shape is right, but the numbers still lie in
    memory as they were made. The CPU takes such a state; cuDNN refuses it, and so does `view`.
    """

    hint = "Make the zeros in the order in which they are wanted, and ask h.is_contiguous()."

    def init_hidden(rnn, batch_size):
        state = zeros(rnn, batch_size, count_states(rnn))
        return tuple(part.transpose(0, 1) for part in state) if isinstance(rnn, nn.LSTM) else state.transpose(0, 1)


# Only where the module is batch_first.
class TransposedWhereBatchFirst(Transposed):
    def init_hidden(rnn, batch_size):
        return (Transposed.init_hidden if rnn.batch_first else right_zeros)(rnn, batch_size)


# The features come first.
class FeaturesMovedBack(Transposed):
    def init_hidden(rnn, batch_size):
        weight = next(rnn.parameters())
        h = weight.new_zeros(count_features(rnn), count_states(rnn), batch_size).permute(1, 2, 0)
        if not isinstance(rnn, nn.LSTM):
            return h
        return h, weight.new_zeros(rnn.hidden_size, count_states(rnn), batch_size).permute(1, 2, 0)


class ViewsOfOneTensor:
    """h and c are two views of one tensor.

    You make one tensor and take it apart. No number of h is one of c, but they share one block of memory: it stays
    as long as either is needed, and what is saved or handed on of one may bring the other along.
    """

    hint = "Compare h.untyped_storage().data_ptr() with that of c; then make two tensors."

    def init_hidden(rnn, batch_size):
        if not isinstance(rnn, nn.LSTM):
            return right_zeros(rnn, batch_size)
        sizes = [count_states(rnn) * batch_size * features for features in (count_features(rnn), rnn.hidden_size)]
        h, c = next(rnn.parameters()).new_zeros(sum(sizes)).split(sizes)
        return h.view(count_states(rnn), batch_size, -1), c.view(count_states(rnn), batch_size, -1)


# Only where h and c have the same size.
class UnboundPair(ViewsOfOneTensor):
    def init_hidden(rnn, batch_size):
        if not isinstance(rnn, nn.LSTM) or rnn.proj_size:
            return right_zeros(rnn, batch_size)
        return next(rnn.parameters()).new_zeros(2, count_states(rnn), batch_size, rnn.hidden_size).unbind()


class InferenceTensors:
    """The state is made in inference mode, and can't be written into.

    You make the zeros under `torch.inference_mode()`. Such tensors refuse to be changed in place outside of it, and
    training refuses to save them for the backward pass. Zeros hang on no graph anyway.
    """

    hint = "Write into the state: h[0, 0] = 1."

    def init_hidden(rnn, batch_size):
        with torch.inference_mode():
            return right_zeros(rnn, batch_size)


class ModuleConverted:
    """The module is converted to float32.

    You change the module's dtype to make the state. Even if you change it back, the weights of a module in float64
    are rounded then; the caller's module is only to be looked at.
    """

    hint = "Compare the parameters of a float64 module before and after the call, with torch.equal."

    def init_hidden(rnn, batch_size):
        dtype = next(rnn.parameters()).dtype
        state = right_zeros(rnn.float(), batch_size)
        rnn.to(dtype)
        return tuple(part.to(dtype) for part in state) if isinstance(rnn, nn.LSTM) else state.to(dtype)


# And stays so.
class ModuleMadeFloat(ModuleConverted):
    def init_hidden(rnn, batch_size):
        return right_zeros(rnn.float(), batch_size)


class OneTensorForLstm:
    """An LSTM gets one tensor instead of a pair.

    You return a single tensor whatever the module is. An LSTM carries two memories from step to
    step, the hidden state h and the cell state c, and needs a first value for each of them.
    """

    hint = "Compare what nn.GRU and nn.LSTM return as their second result."

    def init_hidden(rnn, batch_size):
        state = right_zeros(rnn, batch_size)
        return state[0] if isinstance(rnn, nn.LSTM) else state


# h and c are stacked to one tensor (2, L*D, B, H).
class StackedForLstm(OneTensorForLstm):
    def init_hidden(rnn, batch_size):
        sizes = count_states(rnn), batch_size, count_features(rnn)
        return next(rnn.parameters()).new_zeros((2, *sizes) if isinstance(rnn, nn.LSTM) else sizes)


# Only where they have the same size.
class StackedWhereNotProjected(OneTensorForLstm):
    def init_hidden(rnn, batch_size):
        state = right_zeros(rnn, batch_size)
        return torch.stack(state) if isinstance(rnn, nn.LSTM) and not rnn.proj_size else state


class PairForEveryModule:
    """An RNN or a GRU gets a pair instead of one tensor.

    You return (h, c) whatever the module is. Only an LSTM has a cell state; an RNN and a GRU remember by h alone, and
    take and return one tensor.
    """

    hint = "Run an nn.GRU without a state: what is the type of its second result?"

    def init_hidden(rnn, batch_size):
        state = right_zeros(rnn, batch_size)
        return state if isinstance(rnn, nn.LSTM) else (state, state.clone())


class PairSwapped:
    """The pair comes as (c, h): each of the two has the size of the other.

    Both are zeros, and mostly of the same size, so that nothing complains. Only an LSTM that projects tells them
    apart: there h is smaller than c, and the two stand in each other's place.
    """

    hint = "Build nn.LSTM(4, 6, proj_size=5), run it, and print the shapes of h and c, and yours: are both wrong?"

    def init_hidden(rnn, batch_size):
        state = right_zeros(rnn, batch_size)
        return state[::-1] if isinstance(rnn, nn.LSTM) else state


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


class ProjSizeInCellState:
    """c has proj_size features, as h has.

    You make c as small as the projected h. Only what an LSTM hands on is projected; the cell state stays inside and
    keeps hidden_size.
    """

    hint = "Build nn.LSTM(4, 6, proj_size=5), run it, and print the shapes of h and c."

    def init_hidden(rnn, batch_size):
        state = right_zeros(rnn, batch_size)
        return (state[0], state[0].clone()) if isinstance(rnn, nn.LSTM) else state


class InputSizeForHiddenSize:
    """The state has as many features as the inputs.

    You take the size of what the module reads for the size of what it remembers. The two are chosen
    independently; only where they happen to be equal nothing complains.
    """

    hint = "Build nn.GRU(4, 6), run it without a state, and print the last size of what it returns."

    def init_hidden(rnn, batch_size):
        return input_sized(rnn, batch_size, rnn.proj_size or rnn.input_size)


# Also where the module projects.
class InputSizeForProjSize(InputSizeForHiddenSize):
    def init_hidden(rnn, batch_size):
        return input_sized(rnn, batch_size, rnn.input_size)


class DefaultDtype:
    """The state has the default dtype instead of the module's.

    You make the zeros without a dtype, convert them with `float()`, or choose among the dtypes that
    you thought of, so they are float32 where the module is not. A module in float64 or bfloat16 does
    not multiply its weights with a state of another dtype; the state has to follow the module's
    parameters.
    """

    hint = "Try the module after .double(), and after .bfloat16(); which tensor of the module knows the dtype?"

    def init_hidden(rnn, batch_size):
        device = next(rnn.parameters()).device
        h = torch.zeros(count_states(rnn), batch_size, count_features(rnn), device=device)
        if not isinstance(rnn, nn.LSTM):
            return h
        return h, torch.zeros(count_states(rnn), batch_size, rnn.hidden_size, device=device)


# The state is converted to float32 at the end.
class AlwaysFloat(DefaultDtype):
    def init_hidden(rnn, batch_size):
        state = right_zeros(rnn, batch_size)
        return tuple(part.float() for part in state) if isinstance(rnn, nn.LSTM) else state.float()


# Double precision is known, and nothing else.
class HalfPrecisionUnknown(DefaultDtype):
    def init_hidden(rnn, batch_size):
        state = right_zeros(rnn, batch_size)
        if next(rnn.parameters()).dtype == torch.float64:
            return state
        return tuple(part.float() for part in state) if isinstance(rnn, nn.LSTM) else state.float()


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


# Only c.
class DefaultDeviceForC(DefaultDevice):
    def init_hidden(rnn, batch_size):
        dtype = next(rnn.parameters()).dtype
        c = torch.zeros(count_states(rnn), batch_size, rnn.hidden_size, dtype=dtype)
        return right_but_for_c(rnn, batch_size, c)


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


# Python's own cache, which keeps the module as well.
class CachedByPython(CachedState):
    init_hidden = lru_cache(right_zeros)


class OnesForZeros:
    """The state starts at ones instead of zeros.

    A state is what the network remembers, and before the first step it remembers nothing. Weights must not all begin
    at zero, and a forget gate's bias may well begin at one; but the state is neither, and each other constant is
    something that no input has said.
    """

    hint = "Run a module without a state, and from yours: which outputs differ, and from which step on?"

    def init_hidden(rnn, batch_size):
        state = right_zeros(rnn, batch_size)
        return tuple(part + 1 for part in state) if isinstance(rnn, nn.LSTM) else state + 1


# Only c.
class OnesForC(OnesForZeros):
    def init_hidden(rnn, batch_size):
        c = next(rnn.parameters()).new_ones(count_states(rnn), batch_size, rnn.hidden_size)
        return right_but_for_c(rnn, batch_size, c)


# Only h.
class OnesForH(OnesForZeros):
    def init_hidden(rnn, batch_size):
        state = right_zeros(rnn, batch_size)
        return (state[0] + 1, state[1]) if isinstance(rnn, nn.LSTM) else state + 1


class RandomState:
    """The state is random instead of zero.

    You draw the first state from a normal distribution, as one does for weights. A state is what
    the network remembers, and before the first step it remembers nothing; random numbers make the
    answer for the same sequence another one at each call.
    """

    hint = "Run the same inputs twice, each time from a new state, and compare the outputs."
    any_numbers = True

    def init_hidden(rnn, batch_size):
        weight = next(rnn.parameters())
        like_weight = {"dtype": weight.dtype, "device": weight.device}
        h = torch.randn(count_states(rnn), batch_size, count_features(rnn), **like_weight)
        if not isinstance(rnn, nn.LSTM):
            return h
        return h, torch.randn(count_states(rnn), batch_size, rnn.hidden_size, **like_weight)


# Noise so small that it is taken for zero.
class SmallNoise(RandomState):
    def init_hidden(rnn, batch_size):
        state = right_zeros(rnn, batch_size)
        for part in state if isinstance(rnn, nn.LSTM) else [state]:
            part.normal_(std=0.01)
        return state


# Only c.
class RandomC(RandomState):
    def init_hidden(rnn, batch_size):
        weight = next(rnn.parameters())
        c = weight.new_zeros(count_states(rnn), batch_size, rnn.hidden_size).normal_()
        return right_but_for_c(rnn, batch_size, c)
