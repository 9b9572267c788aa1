"""What students get wrong in stateful_rnn, each as a small wrong solution."""

import torch
from torch import Tensor, nn


def _each(change, state):
    """Apply ``change`` to the one tensor of a state, or to both of a pair."""
    if isinstance(state, tuple):
        return tuple(change(part) for part in state)
    return change(state)


def _cut(state):
    return _each(Tensor.detach, state)


def _start_anew(state, mask):
    return _each(lambda part: part.masked_fill(mask.unsqueeze(1), 0.0), state)


class _Base(nn.Module):
    """Right in everything; each misconception below changes the one method it gets wrong."""

    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("expected a unidirectional rnn, got a bidirectional one")
        self.rnn = rnn
        self.register_buffer("h", None, persistent=False)
        self.register_buffer("c", None, persistent=False)

    @property
    def state(self):
        return self.h if self.c is None else (self.h, self.c)

    def keep(self, state):
        self.h, self.c = state if isinstance(state, tuple) else (state, None)

    def batch_differs(self, inputs):
        if self.state is None or inputs.dim() != 3:
            return False
        h = self.state[0] if isinstance(self.state, tuple) else self.state
        return inputs.size(1) != h.size(1)

    def check_batch(self, inputs):
        if self.batch_differs(inputs):
            raise ValueError(f"a batch of {inputs.size(1)} without a reset()")

    def check_mask(self, mask):
        h = self.state[0] if isinstance(self.state, tuple) else self.state
        if mask.shape != (h.size(1),):
            raise ValueError(f"expected a mask of shape ({h.size(1)},), got {tuple(mask.shape)}")

    def forward(self, inputs):
        self.check_batch(inputs)
        outputs, state = self.rnn(inputs, self.state)
        self.keep(_cut(state))
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.keep(None)
        elif self.state is not None:
            self.check_mask(mask)
            self.keep(_start_anew(self.state, mask))


class ResetEachCall:
    """Every call starts from zeros.

    You keep the state after each call, but you don't hand it to the network at the next one,
    so each chunk is read as if it were the first. The network remembers nothing from before
    the chunk, however long the stream is.
    """

    hint = "Follow the state from the end of one call to the start of the next: who passes it to rnn?"

    class StatefulRNN(_Base):
        def forward(self, inputs):
            self.check_batch(inputs)
            outputs, state = self.rnn(inputs)
            self.keep(_cut(state))
            return outputs


class CellStateNotCarried:
    """An LSTM goes on with h, but with a new c.

    Of the pair that an LSTM ends a call with, you hand one half to the next call; the other half starts
    from zeros there. c is where an LSTM keeps what it remembers for long, so most of it is lost between
    two calls. An RNN and a GRU work.
    """

    hint = "Print both tensors that rnn is given at the second call, and compare them with what `state` showed before."

    class StatefulRNN(_Base):
        def forward(self, inputs):
            self.check_batch(inputs)
            start = self.state
            if isinstance(start, tuple):
                start = start[0], torch.zeros_like(start[1])
            outputs, state = self.rnn(inputs, start)
            self.keep(_cut(state))
            return outputs


class LastOutputAsState:
    """The last output is kept as the state.

    What rnn returns at the last step is the h of its last layer. With several layers the others go on
    from a state that isn't theirs, or there is none for them and torch complains; each layer has a state
    of its own. With one layer nothing shows.
    """

    hint = "Take an rnn with two layers: how many different tensors (B, H) does it end a call with, and where are they?"

    class StatefulRNN(_Base):
        def forward(self, inputs):
            self.check_batch(inputs)
            outputs, state = self.rnn(inputs, self.state)
            last = outputs[-1:].repeat(self.rnn.num_layers, 1, 1)
            self.keep(_cut((last, state[1]) if isinstance(state, tuple) else last))
            return outputs


# As a state of one layer, whatever number there are.
class LastOutputAsOneLayer(LastOutputAsState):
    class StatefulRNN(_Base):
        def forward(self, inputs):
            self.check_batch(inputs)
            outputs, state = self.rnn(inputs, self.state)
            self.keep(_cut((outputs[-1:], state[1]) if isinstance(state, tuple) else outputs[-1:]))
            return outputs


class CutWithinCall:
    """The state is cut within a call, too.

    You run the chunk step by step and cut the state after every step. The values are right, but no
    gradient of an output reaches an earlier step, so the network can't learn to remember anything. The cut
    belongs between two calls.
    """

    hint = "Set `requires_grad` on the inputs of one call: does the last output have a gradient at the first step?"

    class StatefulRNN(_Base):
        def forward(self, inputs):
            self.check_batch(inputs)
            outputs, state = [], self.state
            for step in inputs.split(1):
                output, state = self.rnn(step, state)
                outputs.append(output)
                state = _cut(state)
            self.keep(state)
            return torch.cat(outputs)


class OutputsCut:
    """The outputs are cut from the graph.

    The state is to be cut, for the next call; what you return is for this call, and its loss is
    backpropagated from there. Outputs without a graph, be it in one mode only, give no gradient to anything
    that led to them, and nothing is learned from them.
    """

    hint = "Ask the outputs of a call for their `grad_fn`. Which of the two results should have one, and which not?"

    class StatefulRNN(_Base):
        def forward(self, inputs):
            return super().forward(inputs).detach()


# All is computed without a graph.
class RunWithoutGraph(OutputsCut):
    class StatefulRNN(_Base):
        @torch.no_grad()
        def forward(self, inputs):
            return super().forward(inputs)


class NeverCut:
    """The carried state keeps its graph.

    The state you carry still hangs on the call that made it, and through that on every call
    before. The second backward goes into a graph that has been freed and raises; without a
    backward the graphs pile up, and memory grows with every call.
    """

    hint = "Look at state.grad_fn after a call: it should be None."

    class StatefulRNN(_Base):
        def forward(self, inputs):
            self.check_batch(inputs)
            outputs, state = self.rnn(inputs, self.state)
            self.keep(state)
            return outputs


class CutOnlyH:
    """Only h of an LSTM is cut from the graph.

    An LSTM carries two tensors, and you cut one of them. The graph of the last call lives on
    in the cell state c, so the second backward raises and memory grows, while an RNN and a
    GRU work.
    """

    hint = "How many tensors is the state of an LSTM, and which of them have a grad_fn after the call?"

    class StatefulRNN(_Base):
        def forward(self, inputs):
            self.check_batch(inputs)
            outputs, state = self.rnn(inputs, self.state)
            if isinstance(state, tuple):
                h, c = state
                self.keep((h.detach(), c))
            else:
                self.keep(state.detach())
            return outputs


class MaskInverted:
    """The mask is read the wrong way round.

    True in the mask means that the sequence starts anew; you keep those sequences and set all
    others to zero. The finished sequences leak into the new ones, and the running ones lose
    their memory.
    """

    hint = "Try reset(mask) with a single True and print which columns of the state are zero."

    class StatefulRNN(_Base):
        def reset(self, mask=None):
            if mask is None:
                self.keep(None)
            elif self.state is not None:
                self.check_mask(mask)
                self.keep(_start_anew(self.state, ~mask))


# The arguments of torch.where are swapped.
class WhereSwapped(MaskInverted):
    class StatefulRNN(_Base):
        def reset(self, mask=None):
            if mask is None or self.state is None:
                super().reset(mask)
            else:
                self.check_mask(mask)
                column = mask.unsqueeze(1)
                self.keep(_each(lambda part: torch.where(column, part, torch.zeros_like(part)), self.state))


class MaskOneCallLate:
    """The mask takes effect one call too late.

    You remember the mask and apply it to the state after the next call. That call, the first
    of the new sequence, still starts from the old sequence's state; and then the state that
    it has built up is thrown away.
    """

    hint = "Read the property state right after reset(mask): what should it show before any other call?"

    class StatefulRNN(_Base):
        def __init__(self, rnn):
            super().__init__(rnn)
            self.pending = None

        def forward(self, inputs):
            outputs = super().forward(inputs)
            if self.pending is not None:
                self.keep(_start_anew(self.state, self.pending))
                self.pending = None
            return outputs

        def reset(self, mask=None):
            if mask is None:
                self.keep(None)
                self.pending = None
            elif self.state is not None:
                self.check_mask(mask)
                self.pending = mask.clone() if self.pending is None else self.pending | mask


# The property shows the masked state at once, but the next call doesn't start from it.
class MaskOnlyShown(MaskOneCallLate):
    class StatefulRNN(_Base):
        def __init__(self, rnn):
            super().__init__(rnn)
            self.late = None  # the state before the mask, and the mask

        def forward(self, inputs):
            self.check_batch(inputs)
            before, mask = self.late or (self.state, None)
            outputs, state = self.rnn(inputs, before)
            self.keep(_cut(state))
            if mask is not None:
                super().reset(mask)
            self.late = None
            return outputs

        def reset(self, mask=None):
            state = self.state
            super().reset(mask)
            if mask is None:
                self.late = None
            elif state is not None:
                before, earlier = self.late or (state, torch.zeros_like(mask))
                self.late = before, earlier | mask


class WholeBatchReset:
    """A mask resets the whole batch.

    When the mask asks for it you start the whole batch anew. But a mask speaks of single
    sequences: those with False in it are in the middle of their stream and lose what they
    remember; and where it is True for all, the batch still goes on, with zeros for a state.
    """

    hint = "The state has one column a sequence, on axis 1: which does the mask speak of, and what stands there after?"

    class StatefulRNN(_Base):
        def reset(self, mask=None):
            if mask is None:
                self.keep(None)
            elif self.state is not None:
                self.check_mask(mask)
                if mask.any():
                    self.keep(_each(torch.zeros_like, self.state))


# The state is dropped, not set to zero.
class StateDroppedForOne(WholeBatchReset):
    class StatefulRNN(_Base):
        def reset(self, mask=None):
            super().reset(mask)
            if mask is not None and mask.any():
                self.keep(None)


class FullMaskTakenForReset:
    """A mask of only True is taken for a full reset.

    Where all sequences start anew at once you drop the state, as reset() does. But the batch goes on: `state`
    should show zeros, and a batch of another size should be refused. So it depends on the values in
    a mask, and for a batch of one on every True, whether there is a state at all.
    """

    hint = "What does `state` show after a mask with one False in it, and what after a mask with none?"

    class StatefulRNN(_Base):
        def reset(self, mask=None):
            super().reset(mask)
            if mask is not None and mask.all():
                self.keep(None)


class MaskLeavesC:
    """reset(mask) sets h to zero and leaves c.

    The state of an LSTM is a pair, and you start half of it anew. The cell state is the memory of the old
    sequence: the new one reads on from it, and its h is no longer zero after one step. An RNN and a GRU work.
    """

    hint = "Print the pair that `state` shows after `reset(mask)`: which columns of which tensor are zero?"

    class StatefulRNN(_Base):
        def reset(self, mask=None):
            before = self.state
            super().reset(mask)
            if mask is not None and isinstance(before, tuple):
                self.keep((self.state[0], before[1]))


class MaskForOneLayer:
    """reset(mask) sets only one layer to zero.

    Every layer has a state of its own, and you start one of them anew. The others go on with what they
    remember of the old sequence, and hand it to the new one. With one layer nothing shows.
    """

    hint = "Take an rnn with two layers and print all of `state` after `reset(mask)`, not only `state[-1]`."

    class StatefulRNN(_Base):
        layer = -1

        def reset(self, mask=None):
            before = self.state
            super().reset(mask)
            if mask is None or before is None:
                return

            def mixed(old, new):
                old = old.clone()
                old[self.layer] = new[self.layer]
                return old

            if isinstance(before, tuple):
                self.keep(tuple(map(mixed, before, self.state)))
            else:
                self.keep(mixed(before, self.state))


# The first one.
class MaskForFirstLayer(MaskForOneLayer):
    class StatefulRNN(MaskForOneLayer.StatefulRNN):
        layer = 0


class MaskOnLayerAxis:
    """The mask is applied to the axis of the layers.

    A state is (L, B, H): its first axis is the layers, its second one the sequences. You let the mask speak
    of the first one. Where the sizes don't fit torch may complain; where there are as many sequences as
    layers it can't, and a layer of all sequences is started anew instead of one sequence in all layers.
    """

    hint = "Which axis of `state` has as many entries as the mask, for an rnn of one layer and a batch of three?"

    class StatefulRNN(_Base):
        def reset(self, mask=None):
            if mask is None:
                self.keep(None)
            elif self.state is not None:
                self.check_mask(mask)
                new = _each(Tensor.clone, self.state)
                for part in new if isinstance(new, tuple) else (new,):
                    part[mask] = 0.0
                self.keep(new)


# With a mask made (B, 1, 1), which torch may stretch over more layers than there are.
class MaskBroadcastOverLayers(MaskOnLayerAxis):
    class StatefulRNN(_Base):
        def reset(self, mask=None):
            if mask is None:
                self.keep(None)
            elif self.state is not None:
                self.check_mask(mask)
                self.keep(_each(lambda part: part.masked_fill(mask[:, None, None], 0.0), self.state))


class ModeResetsState:
    """A change of mode resets the state.

    When train() or eval() is called you forget the state. The mode says how the layers compute, with dropout
    or without; the stream that is being read goes on. Who looks at the network in eval mode in the middle of a
    stream gets other outputs, and nobody has called reset().
    """

    hint = "Call `eval()` in the middle of a stream: what should `state` show before it, and after it?"

    class StatefulRNN(_Base):
        def train(self, mode=True):
            self.keep(None)
            return super().train(mode)


# Only eval() does.
class EvalResetsState(ModeResetsState):
    class StatefulRNN(_Base):
        def eval(self):
            self.keep(None)
            return super().eval()


# Only train() does.
class TrainResetsState(ModeResetsState):
    class StatefulRNN(_Base):
        def train(self, mode=True):
            if mode:
                self.keep(None)
            return super().train(mode)


# Only where the mode is another one afterwards.
class OtherModeResetsState(ModeResetsState):
    class StatefulRNN(_Base):
        def train(self, mode=True):
            if mode != self.training:
                self.keep(None)
            return super().train(mode)


class MaskShapeNotChecked:
    """A mask of another shape is accepted.

    You make the mask fit instead of looking at its shape: a column or a row of flags is flattened,
    or one flag is stretched over the batch. A mask that isn't (B,) mostly comes from a mistake in
    the caller's code, which goes on unseen, and other sequences may be started anew than were meant.
    """

    hint = "Which shapes of a mask does your reset let through? Try (B, 1), (1, B) and (1,)."

    class StatefulRNN(_Base):
        def check_mask(self, mask):
            h = self.state[0] if isinstance(self.state, tuple) else self.state
            if mask.numel() != h.size(1):
                raise ValueError(f"expected a mask of {h.size(1)} flags, got {mask.numel()}")

        def reset(self, mask=None):
            super().reset(mask if mask is None else mask.flatten())


# A single flag is taken for all sequences.
class OneFlagForAll(MaskShapeNotChecked):
    class StatefulRNN(_Base):
        def check_mask(self, mask):
            if mask.shape != (1,):
                super().check_mask(mask)


class StateShared:
    """The state does not belong to the instance.

    What you create in the body of the class, or keep in a global variable, exists once, and all
    instances share it. With two networks in one program, each goes on from the state the other
    one left, and making a new one may wipe the state of those that are at work.
    """

    hint = "Make two instances and call only one of them: what does the state of the other show?"

    class StatefulRNN(_Base):
        memory = {"state": None}  # noqa: RUF012 (the mistake itself)

        def __init__(self, rnn):
            super().__init__(rnn)
            self.reset()

        @property
        def state(self):
            return self.memory["state"]

        def keep(self, state):
            self.memory["state"] = state


_STATE = None


# It is in a global variable of the file, which a new instance leaves as it is.
class StateOnModuleLevel(StateShared):
    class StatefulRNN(_Base):
        @property
        def state(self):
            return _STATE

        def keep(self, state):
            global _STATE
            _STATE = state


_STATES = {}


# A dict has a state for every rnn, which two instances around one rnn share.
class StateByRnn(StateShared):
    class StatefulRNN(_Base):
        @property
        def state(self):
            return _STATES.get(self.rnn)

        def keep(self, state):
            _STATES[self.rnn] = state


_BY_ID = {}


class StateOutlivesModule:
    """The state outlives its module.

    You keep the states outside of the modules, in a dict with an entry for each, and nothing takes
    an entry out when its module is gone. Every module that was ever made leaves its state behind, and
    where the entries go by id(), a new module may come upon the state of an old one.
    """

    hint = "When Python deletes a module, who deletes its state? What is an attribute of the module goes with it."

    class StatefulRNN(_Base):
        @property
        def state(self):
            return _BY_ID.get(id(self))

        def keep(self, state):
            _BY_ID[id(self)] = state

        def __init__(self, rnn):
            super().__init__(rnn)
            self.keep(None)


class BatchSizeSilentlyReset:
    """Another batch size quietly starts from zeros.

    When the batch size changes you drop the state and go on. The caller isn't told that
    every stream has lost its memory: a batch that is one sequence short, often a bug in the
    loading of the data, shows only as a worse loss.
    """

    hint = "Which sequence would column i of the old state belong to now? If you can't say, should the code go on?"

    class StatefulRNN(_Base):
        def forward(self, inputs):
            if self.batch_differs(inputs):
                self.reset()
            return super().forward(inputs)


def _stretched(state, batch_size):
    """The first sequence's state for a batch of this size."""
    return _each(lambda part: part[:, :1].expand(-1, batch_size, -1).contiguous(), state)


class BatchSizeBroadcast:
    """Another batch size gets one sequence's state for all.

    When the batch size changes you stretch the state of the first sequence over the new
    batch. The shapes fit, but now every stream goes on with the memory of a sequence that
    isn't its own, and nobody is told.
    """

    hint = "That the shapes fit doesn't make the state right: whose memory is in each column?"

    class StatefulRNN(_Base):
        def forward(self, inputs):
            if self.batch_differs(inputs):
                self.keep(_stretched(self.state, inputs.size(1)))
            return super().forward(inputs)


# Only the state of a batch of one is stretched.
class BatchOfOneBroadcast(BatchSizeBroadcast):
    class StatefulRNN(_Base):
        def forward(self, inputs):
            h = self.state[0] if isinstance(self.state, tuple) else self.state
            if self.batch_differs(inputs) and h.size(1) == 1:
                self.keep(_stretched(self.state, inputs.size(1)))
            return super().forward(inputs)


class StateSavedAsBuffer:
    """The state is saved in the state_dict.

    A buffer is saved with the weights unless you say otherwise. The carried state belongs to
    the stream that is being read, not to what the network has learned: a checkpoint that
    holds it doesn't load into a fresh network.
    """

    hint = "Print the keys of state_dict() before and after a call; then look up what register_buffer takes."

    class StatefulRNN(_Base):
        def __init__(self, rnn):
            super().__init__(rnn)
            self.register_buffer("h", None)
            self.register_buffer("c", None)


class StateUpdatedBeforeError:
    """A call that fails has changed the state.

    You change the state, or what you know of it, before you know that the call works. When
    its arguments are refused, by you or by rnn, that change is not taken back: a caller who
    catches the error and goes on finds a network that has forgotten something.
    """

    hint = "Which lines of forward and reset can raise, and what has already been changed when they do?"

    class StatefulRNN(_Base):
        def forward(self, inputs):
            differs, state = self.batch_differs(inputs), self.state
            self.reset()
            if differs:
                raise ValueError(f"a batch of {inputs.size(1)} without a reset()")
            outputs, state = self.rnn(inputs, state)
            self.keep(_cut(state))
            return outputs


# Only where the batch size is refused.
class StateDroppedAtWrongBatch(StateUpdatedBeforeError):
    class StatefulRNN(_Base):
        def check_batch(self, inputs):
            if self.batch_differs(inputs):
                self.reset()
                raise ValueError(f"a batch of {inputs.size(1)} without a reset()")


# The mask is applied, as far as it goes, before its shape is looked at.
class MaskAppliedBeforeError(StateUpdatedBeforeError):
    class StatefulRNN(_Base):
        def reset(self, mask=None):
            if mask is not None and self.state is not None:
                h = self.state[0] if isinstance(self.state, tuple) else self.state
                columns = mask.flatten()[: h.size(1)].nonzero().flatten()
                self.keep(_each(lambda part: part.index_fill(1, columns, 0.0), self.state))
            super().reset(mask)


# The batch size is noted before rnn is called; where rnn raises, other sizes are refused from then on.
class BatchSizeNotedBeforeError(StateUpdatedBeforeError):
    class StatefulRNN(_Base):
        batch_size = None

        def check_batch(self, inputs):
            if inputs.dim() == 3:
                if self.batch_size not in (None, inputs.size(1)):
                    raise ValueError(f"a batch of {inputs.size(1)} without a reset()")
                self.batch_size = inputs.size(1)

        def reset(self, mask=None):
            super().reset(mask)
            if mask is None:
                self.batch_size = None


def _zeros(rnn, inputs, device=None):
    """The state before the first call, of the default dtype."""
    h = torch.zeros(rnn.num_layers, inputs.size(1), rnn.proj_size or rnn.hidden_size, device=device)
    if not isinstance(rnn, nn.LSTM):
        return h
    return h, torch.zeros(rnn.num_layers, inputs.size(1), rnn.hidden_size, device=device)


class DefaultDtype:
    """The first call starts from zeros of the default dtype.

    You make them with `torch.zeros` alone, which gives float32 on the CPU. A module in another dtype
    refuses such a state, as does one on another device.
    """

    hint = "Try it around a module with `dtype=torch.float64`: what does the first call say?"

    class StatefulRNN(_Base):
        def start(self, inputs):
            return _zeros(self.rnn, inputs)

        def forward(self, inputs):
            self.check_batch(inputs)
            state = self.start(inputs) if self.state is None and inputs.dim() == 3 else self.state
            outputs, state = self.rnn(inputs, state)
            self.keep(_cut(state))
            return outputs


# On the device of the inputs.
class DefaultDtypeOnDevice(DefaultDtype):
    class StatefulRNN(DefaultDtype.StatefulRNN):
        def start(self, inputs):
            return _zeros(self.rnn, inputs, device=inputs.device)
