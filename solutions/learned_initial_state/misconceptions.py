"""What students get wrong in learned_initial_state, each as a small wrong solution."""

import torch
from torch import nn


def features_by_name(rnn):
    """The features of each parameter there should be."""
    features = {"h0": rnn.proj_size or rnn.hidden_size}
    return features | {"c0": rnn.hidden_size} if isinstance(rnn, nn.LSTM) else features


def zeros(rnn, features):
    """What a parameter should hold at first."""
    num_states = rnn.num_layers * (2 if rnn.bidirectional else 1)
    return rnn.weight_hh_l0.new_zeros(num_states, 1, features)


class _Base(nn.Module):
    """Right in everything; each misconception below changes what it gets wrong."""

    def __init__(self, rnn):
        super().__init__()
        self.names = list(features_by_name(rnn))
        for name, features in features_by_name(rnn).items():
            self.make(name, zeros(rnn, features), rnn)

    def make(self, name, value, rnn):
        setattr(self, name, nn.Parameter(value))

    def spread(self, name, batch_size):
        return getattr(self, name).expand(-1, batch_size, -1).contiguous()

    def forward(self, batch_size):
        parts = tuple(self.spread(name, batch_size) for name in self.names)
        return parts if len(parts) > 1 else parts[0]


class NotAParameter:
    """The initial state is a plain tensor, not a parameter.

    You keep a tensor on the module. `parameters()` does not know of it, so no optimizer ever changes
    it, `state_dict` leaves it out, and `.to()` does not move it. `requires_grad=True` gives a tensor
    a gradient, but does not make it a parameter of anything.
    """

    hint = "What does list(module.named_parameters()) show?"

    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            setattr(self, name, value)


# It gets gradients, and nobody uses them.
class RequiresGrad(NotAParameter):
    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            setattr(self, name, value.requires_grad_())


# It is saved and moved, and not learned.
class Buffer(NotAParameter):
    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            self.register_buffer(name, value)


# A plain list hides them.
class InAList(NotAParameter):
    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            self.__dict__.setdefault("hidden", {})[name] = nn.Parameter(value)

        def spread(self, name, batch_size):
            return self.hidden[name].expand(-1, batch_size, -1).contiguous()


# Only c0.
class NotAParameterInC(NotAParameter):
    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            setattr(self, name, nn.Parameter(value) if name == "h0" else value.requires_grad_())


class MovedParameterNotRegistered:
    """The parameter is moved with .to() after it is made, and what .to() returns is not registered.

    You write nn.Parameter(...).to(...). Where nothing has to be moved, `to` returns the parameter
    itself and all is well; in another dtype or on a GPU it returns a new tensor, the result of a
    computation. That is no parameter, so the module does not register it, and it is never trained.
    """

    hint = "Try it with an rnn in float64: is type(module.h0) still nn.Parameter?"

    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            setattr(self, name, nn.Parameter(torch.zeros(value.shape)).to(value))


# Only the device is left to .to().
class MovedToDevice(MovedParameterNotRegistered):
    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            setattr(self, name, nn.Parameter(torch.zeros(value.shape, dtype=value.dtype)).to(value.device))


# Only the dtype is left to .to().
class MovedToDtype(MovedParameterNotRegistered):
    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            setattr(self, name, nn.Parameter(torch.zeros(value.shape, device=value.device)).to(value.dtype))


class PlaceKept:
    """The device that the rnn had at first is kept.

    You look where the rnn is when the module is made, and bring the state there at each call. Modules are moved,
    most of them after they were made; the parameters know where they are now.
    """

    hint = 'Make the module, then move it and its rnn with .to("meta"): on which device is the state?'

    class LearnedInitialState(_Base):
        places = ("h0", "c0")

        def make(self, name, value, rnn):
            self.device = value.device
            _Base.make(self, name, value, rnn)

        def spread(self, name, batch_size):
            state = _Base.spread(self, name, batch_size)
            return state.to(self.device) if name in self.places else state


# Only of h.
class PlaceOfHKept(PlaceKept):
    class LearnedInitialState(PlaceKept.LearnedInitialState):
        places = ("h0",)


class DetachedParameter:
    """The state that is returned is cut from the parameter.

    You take the numbers of the parameter and leave its graph behind, always or in some calls. The parameter is
    registered, saved and shown to the optimizer, but no gradient reaches it from such a call, or only a part of it.
    """

    hint = "Look at the grad_fn of what forward returns, and at module.h0.grad after a backward."

    class LearnedInitialState(_Base):
        def spread(self, name, batch_size):
            return _Base.spread(self, name, batch_size).detach()


# Only c.
class DetachedC(DetachedParameter):
    class LearnedInitialState(_Base):
        def spread(self, name, batch_size):
            state = _Base.spread(self, name, batch_size)
            return state if name == "h0" else state.detach()


# Only h.
class DetachedH(DetachedParameter):
    class LearnedInitialState(_Base):
        def spread(self, name, batch_size):
            state = _Base.spread(self, name, batch_size)
            return state if name == "c0" else state.detach()


# Only the first sequence has its part in the gradient.
class OthersDetached(DetachedParameter):
    class LearnedInitialState(_Base):
        def spread(self, name, batch_size):
            parameter = getattr(self, name)
            return torch.cat([parameter, *[parameter.detach()] * (batch_size - 1)], dim=1)


# In eval mode only.
class DetachedInEval(DetachedParameter):
    class LearnedInitialState(_Base):
        def spread(self, name, batch_size):
            state = _Base.spread(self, name, batch_size)
            return state if self.training else state.detach()


# The parameter itself does not want a gradient.
class Frozen(DetachedParameter):
    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            setattr(self, name, nn.Parameter(value, requires_grad=False))


# Only c0.
class FrozenC(DetachedParameter):
    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            setattr(self, name, nn.Parameter(value, requires_grad=name == "h0"))


class FrozenLikeRnn:
    """Where rnn is frozen, its initial state is, too.

    You copy `requires_grad` from a weight of rnn. Who freezes a network that was trained before, and learns where it
    should start, gets a parameter that never changes. What rnn's weights need says nothing of what h0 needs.
    """

    hint = "Call `rnn.requires_grad_(False)` before you make the module: what is h0.requires_grad?"

    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            setattr(self, name, nn.Parameter(value, requires_grad=rnn.weight_hh_l0.requires_grad))


class MadeInForward:
    """The initial state is made anew in each forward.

    You make zeros, or a new parameter, whenever the module is called. The optimizer was given the
    parameters before that, or found none, and changes something that the next call throws away.
    """

    hint = "What does the optimizer hold that was built before the first call, and who reads it after step()?"

    class LearnedInitialState(_Base):
        def forward(self, batch_size):
            for name in self.names:
                setattr(self, name, nn.Parameter(torch.zeros_like(getattr(self, name))))
            return _Base.forward(self, batch_size)


# There is none before the first call.
class MadeAtEachCall(MadeInForward):
    class LearnedInitialState(_Base):
        def __init__(self, rnn):
            nn.Module.__init__(self)
            self.names = list(features_by_name(rnn))
            self.values = {name: zeros(rnn, features).cpu() for name, features in features_by_name(rnn).items()}
            self.place = [rnn.weight_hh_l0]

        def forward(self, batch_size):
            for name in self.names:
                setattr(self, name, nn.Parameter(self.values[name].to(self.place[0])))
            return _Base.forward(self, batch_size)


# What it was is kept, in a parameter that the optimizer does not know.
class WrappedAgain(MadeInForward):
    class LearnedInitialState(_Base):
        def forward(self, batch_size):
            for name in self.names:
                setattr(self, name, nn.Parameter(getattr(self, name).detach().clone()))
            return _Base.forward(self, batch_size)


# Once, in the first call.
class WrappedAgainOnce(MadeInForward):
    class LearnedInitialState(_Base):
        only = ("h0", "c0")

        def forward(self, batch_size):
            if "made" not in self.__dict__:
                self.made = True
                for name in set(self.names) & set(self.only):
                    setattr(self, name, nn.Parameter(getattr(self, name).detach().clone()))
            return _Base.forward(self, batch_size)


# Only h0, and not before a batch of more than one.
class WrappedAgainForABatch(MadeInForward):
    class LearnedInitialState(WrappedAgainOnce.LearnedInitialState):
        only = ("h0",)

        def forward(self, batch_size):
            forward = WrappedAgainOnce.LearnedInitialState.forward if batch_size > 1 else _Base.forward
            return forward(self, batch_size)


class ZeroedInForward:
    """The parameters are set to zero when the module is called.

    You write the zeros at the first call instead of making the parameters of zeros in __init__. What was learned or
    loaded before that call is lost.
    """

    hint = "Load a state_dict into a new module and call it: what does it return?"

    class LearnedInitialState(_Base):
        zeroed = ("h0", "c0")

        def forward(self, batch_size):
            if "begun" not in self.__dict__:
                self.begun = True
                with torch.no_grad():
                    for name in set(self.names) & set(self.zeroed):
                        getattr(self, name).zero_()
            return _Base.forward(self, batch_size)


# Only h0.
class ZeroedHInForward(ZeroedInForward):
    class LearnedInitialState(ZeroedInForward.LearnedInitialState):
        zeroed = ("h0",)


class StateKept:
    """The state that was made last is kept on the module.

    You leave what forward returns in an attribute. It holds its graph and the memory of a whole batch until the
    next call, though nobody needs it any more.
    """

    hint = "Look at vars(module) after a call: what is there that was not there before?"

    class LearnedInitialState(_Base):
        def forward(self, batch_size):
            self.last = _Base.forward(self, batch_size)
            return self.last


class CachedByBatchSize:
    """What was made for a batch size is handed out again.

    You keep the state of each batch size and return it at the next call. It holds the numbers of the parameters from
    then: after a step of the optimizer, or after load_state_dict, it is out of date.
    """

    hint = "Change module.h0 between two calls with the same batch size."

    class LearnedInitialState(_Base):
        cached = ("h0", "c0")

        def spread(self, name, batch_size):
            kept = self.__dict__.setdefault("kept", {})
            if name not in self.cached:
                return _Base.spread(self, name, batch_size)
            if (name, batch_size) not in kept:
                kept[name, batch_size] = _Base.spread(self, name, batch_size)
            return kept[name, batch_size]


# Only h.
class CachedH(CachedByBatchSize):
    class LearnedInitialState(CachedByBatchSize.LearnedInitialState):
        cached = ("h0",)


# In eval mode, without a graph.
class CachedInEval(CachedByBatchSize):
    class LearnedInitialState(_Base):
        def spread(self, name, batch_size):
            kept = self.__dict__.setdefault("kept", {})
            if self.training:
                kept.clear()
                return _Base.spread(self, name, batch_size)
            if name not in kept:
                kept[name] = getattr(self, name).detach().clone()
            return kept[name].expand(-1, batch_size, -1).contiguous()


class ParameterPerSequence:
    """There is a parameter for every sequence of the batch.

    You give the parameter a batch axis. A sequence has no place of its own in a batch that is shuffled,
    so what is learned for place 3 means nothing for the sequence that comes there next, and another
    batch size does not fit. All sequences start from the same state.
    """

    hint = "Train with a batch of 4: what should a batch of 1 start from?"
    any_numbers = True

    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            setattr(self, name, nn.Parameter(value.repeat(1, 16, 1)))

        def spread(self, name, batch_size):
            return getattr(self, name)[:, :batch_size].contiguous()


# Made at the first call, as large as its batch.
class AsLargeAsTheFirstBatch(ParameterPerSequence):
    class LearnedInitialState(_Base):
        def spread(self, name, batch_size):
            parameter = getattr(self, name)
            if parameter.size(1) != batch_size:
                parameter = nn.Parameter(parameter.detach()[:, :1].repeat(1, batch_size, 1))
                setattr(self, name, parameter)
            return parameter


class OneForHAndC:
    """h and c start from one and the same parameter.

    You make one parameter and use it twice. h is bounded, as the output of a tanh, and c is not; they
    mean different things, and an LSTM that projects even gives them different sizes. They need a
    parameter each.
    """

    hint = "How many names does dict(module.named_parameters()) hold for an LSTM, and how many tensors is its state?"

    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            setattr(self, name, nn.Parameter(value) if name == "h0" else self.h0)


# Returned twice.
class HReturnedTwice(OneForHAndC):
    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            if name == "h0":
                self.h0 = nn.Parameter(value)

        def spread(self, name, batch_size):
            return _Base.spread(self, "h0", batch_size)


# There is a c0, and it is not used.
class C0NotUsed(OneForHAndC):
    class LearnedInitialState(_Base):
        def spread(self, name, batch_size):
            return _Base.spread(self, "h0", batch_size)


class PairSwapped:
    """The pair is handed back as (c, h).

    The parameters are right, but the LSTM takes what was learned for the one as the other: h0 becomes its memory, and
    c0 its hidden state. Without training both are zeros and nobody notices, and where the LSTM projects the sizes
    don't fit.
    """

    hint = "Fill module.h0 with ones: which of the two tensors that forward returns holds them?"

    class LearnedInitialState(_Base):
        def forward(self, batch_size):
            state = _Base.forward(self, batch_size)
            return state[::-1] if len(self.names) > 1 else state


class SquashedValues:
    """The learned values are squashed before they are returned.

    You send the parameters through a tanh. Zeros stay zeros, so that nothing shows at first. But once they are learned
    the state is not what the parameters hold: it never leaves the range from -1 to 1, which a c may well do, and the
    gradient fades as the numbers grow.
    """

    hint = "Fill module.h0 with the number 2: what does forward return?"

    class LearnedInitialState(_Base):
        squashed = ("h0", "c0")

        def spread(self, name, batch_size):
            state = _Base.spread(self, name, batch_size)
            return state.tanh() if name in self.squashed else state


# Only h, which is the output of a tanh later on.
class SquashedH(SquashedValues):
    class LearnedInitialState(SquashedValues.LearnedInitialState):
        squashed = ("h0",)


class RandomStart:
    """The parameters start at random values instead of zeros.

    Weights begin at random, because units that begin alike would stay alike. A state has no need of it: what
    reads it are weights that differ already. Untrained, yours begins every sequence with a memory of something that
    never was, and not the one it had in the last run.
    """

    hint = "Make the module twice and print h0: what should the network remember before it has seen anything?"
    any_numbers = True

    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            bound = value.size(-1) ** -0.5
            _Base.make(self, name, value.uniform_(-bound, bound), rnn)


# From a normal distribution, as it is.
class StandardNormalStart(RandomStart):
    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            _Base.make(self, name, torch.randn_like(value), rnn)


class DirectionsForgotten:
    """The directions are missing from the first axis.

    The parameters have one row for each layer. A bidirectional module reads the sequence twice in every layer, once
    from each end, and each reading starts from a state of its own, so that half of the rows are missing.
    """

    hint = "How many times does each layer of a bidirectional module read the sequence?"

    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            _Base.make(self, name, value[: rnn.num_layers].clone(), rnn)


class RnnRegistered:
    """The rnn becomes a part of the module.

    You keep the rnn as an attribute, and nn.Module registers every module that is assigned to it. Its
    weights then belong to two modules: they are in both state_dicts, and an optimizer that is given the
    parameters of both gets them twice.
    """

    hint = "What do you need of rnn after __init__? Its sizes are integers."

    class LearnedInitialState(_Base):
        def __init__(self, rnn):
            super().__init__(rnn)
            self.rnn = rnn


class ExpandWithoutContiguous:
    """The state is expanded, and all sequences share one column of memory.

    `expand` makes no copy: every sequence of the result is the same memory. On the CPU that works, but
    cuDNN refuses such a state (`rnn: hx is not contiguous`), and writing into the state of one sequence
    writes into the state of all.
    """

    hint = "Ask is_contiguous() of the result for a batch of more than one."

    class LearnedInitialState(_Base):
        def spread(self, name, batch_size):
            return getattr(self, name).expand(-1, batch_size, -1)


# Only c.
class ExpandedC(ExpandWithoutContiguous):
    class LearnedInitialState(_Base):
        def spread(self, name, batch_size):
            state = getattr(self, name).expand(-1, batch_size, -1)
            return state.contiguous() if name == "h0" else state


# Copied, but laid out batch first.
class Transposed(ExpandWithoutContiguous):
    class LearnedInitialState(_Base):
        def spread(self, name, batch_size):
            return getattr(self, name).transpose(0, 1).repeat(batch_size, 1, 1).transpose(0, 1)


class DefaultDtype:
    """The parameters have the default dtype.

    You make them with `torch.zeros` alone, which gives float32 on the CPU. A module in another dtype
    refuses such a state, as does one on another device.
    """

    hint = "Try an rnn with `dtype=torch.float64`: which dtype has h0?"

    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            setattr(self, name, nn.Parameter(torch.zeros(value.shape)))


# On the device of the rnn.
class DefaultDtypeOnDevice(DefaultDtype):
    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            setattr(self, name, nn.Parameter(torch.zeros(value.shape, device=value.device)))


class DefaultDevice:
    """The parameters are made on the default device.

    They have the dtype of rnn, but `torch.zeros` without a device makes them on the CPU. Together with an rnn on a GPU
    they fail at the first call, unless somebody moves the module by hand.
    """

    hint = 'Try an rnn with `device="meta"`: where is h0?'

    class LearnedInitialState(_Base):
        def make(self, name, value, rnn):
            setattr(self, name, nn.Parameter(torch.zeros(value.shape, dtype=value.dtype)))
