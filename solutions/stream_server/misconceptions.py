"""What students get wrong in stream_server, each as a small wrong solution."""

import torch
from torch import nn


class _Base:
    """Right in everything; each misconception below changes what it gets wrong."""

    def __init__(self, rnn):
        self.rnn = rnn
        self.states = {}  # by name, h and perhaps c, each (L, features)

    def check(self, names, inputs):
        if len(set(names)) != len(names):
            raise ValueError(f"a session is named twice: {names}")
        self.check_shape(names, inputs)

    def check_shape(self, names, inputs):
        if inputs.shape != (len(names), self.rnn.input_size):
            raise ValueError(f"inputs of shape {tuple(inputs.shape)} for {len(names)} sessions")

    def zeros(self):
        like = self.rnn.weight_ih_l0
        layers, hidden = self.rnn.num_layers, self.rnn.hidden_size
        h = like.new_zeros(layers, self.rnn.proj_size or hidden)
        return (h, like.new_zeros(layers, hidden)) if isinstance(self.rnn, nn.LSTM) else (h,)

    def run(self, before, inputs):
        """One step of the rnn from states one by one, to outputs and new states one by one."""
        h = [torch.stack(parts, dim=1) for parts in zip(*before, strict=True)]
        outputs, after = self.rnn(inputs.unsqueeze(0), tuple(h) if len(h) == 2 else h[0])
        after = after if isinstance(after, tuple) else (after,)
        return outputs[0], [tuple(part[:, i].clone() for part in after) for i in range(len(before))]

    @torch.no_grad()
    def step(self, session_ids, inputs):
        self.check(session_ids, inputs)
        return self.advance(session_ids, inputs)

    def advance(self, names, inputs):
        outputs, after = self.run([self.states.get(name, self.zeros()) for name in names], inputs)
        self.states.update(zip(names, after, strict=True))
        return outputs

    def end(self, session_id):
        del self.states[session_id]

    def export(self):
        return {name: [part.clone() for part in state] for name, state in self.states.items()}

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        server.states = {name: tuple(part.clone() for part in state) for name, state in exported.items()}
        return server


class StateByPosition:
    """The state belongs to a place in the batch, not to a session.

    You keep the state of row i for whatever comes next in row i. That works as long as all
    sessions come together and in the same order; as soon as one is missing or they change
    places, a session goes on from somebody else's memory.
    """

    hint = "Step two sessions, then only the second one: which state did that row start from?"

    class StreamServer(_Base):
        def __init__(self, rnn):
            super().__init__(rnn)
            self.rows = {}

        def advance(self, names, inputs):
            places = range(len(names))
            outputs, after = self.run([self.rows.get(i, self.zeros()) for i in places], inputs)
            self.rows.update(zip(places, after, strict=True))
            self.states.update(zip(names, after, strict=True))
            return outputs

        @classmethod
        def restore(cls, rnn, exported):
            server = super().restore(rnn, exported)
            server.rows = dict(enumerate(server.states.values()))
            return server


# The batch's state is used where the size is the same, and dropped where it isn't.
class StateOfTheBatch(StateByPosition):
    class StreamServer(StateByPosition.StreamServer):
        def advance(self, names, inputs):
            if len(names) != len(self.rows):
                self.rows = {}
            return super().advance(names, inputs)


# Each session has a place of its own, by the order of the live ones, and the places move when one ends.
class PlacesMoveAtEnd(StateByPosition):
    class StreamServer(_Base):
        def __init__(self, rnn):
            super().__init__(rnn)
            self.rows = {}

        def advance(self, names, inputs):
            for name in names:
                self.states.setdefault(name, self.zeros())
            live = list(self.states)
            places = [live.index(name) for name in names]
            outputs, after = self.run([self.rows.get(i, self.zeros()) for i in places], inputs)
            self.rows.update(zip(places, after, strict=True))
            self.states.update(zip(names, after, strict=True))
            return outputs

        def end(self, session_id):
            super().end(session_id)
            self.rows = {i: state for i, state in self.rows.items() if i < len(self.states)}

        @classmethod
        def restore(cls, rnn, exported):
            server = super().restore(rnn, exported)
            server.rows = dict(enumerate(server.states.values()))
            return server


class StatesMixedByOrder:
    """States are mixed up when the sessions come in another order.

    You read the states in one order and write them back in another: the order in which the
    sessions began, or an alphabetical one, isn't the order of this call. Each session then
    gets the new state of another.
    """

    hint = "Call step with the same sessions the other way round: must row i not follow session_ids[i] everywhere?"

    class StreamServer(_Base):
        def advance(self, names, inputs):
            old = [self.states[name] for name in self.states if name in names]
            new = [self.zeros() for name in names if name not in self.states]
            outputs, after = self.run([*old, *new], inputs)
            self.states.update(zip(names, after, strict=True))
            return outputs


# Read as they are named, written in alphabetical order.
class WrittenSorted(StatesMixedByOrder):
    class StreamServer(_Base):
        def advance(self, names, inputs):
            outputs, after = self.run([self.states.get(name, self.zeros()) for name in names], inputs)
            self.states.update(zip(sorted(names), after, strict=True))
            return outputs


# Read in alphabetical order, written as they are named.
class ReadSorted(StatesMixedByOrder):
    class StreamServer(_Base):
        def advance(self, names, inputs):
            outputs, after = self.run([self.states.get(name, self.zeros()) for name in sorted(names)], inputs)
            self.states.update(zip(names, after, strict=True))
            return outputs


# Read and written in alphabetical order, while the inputs stand in the order of the call.
class AllSorted(StatesMixedByOrder):
    class StreamServer(_Base):
        def advance(self, names, inputs):
            return super().advance(sorted(names), inputs)


# The inputs are put in order too, the outputs are not put back.
class OutputsLeftSorted(StatesMixedByOrder):
    class StreamServer(_Base):
        def advance(self, names, inputs):
            order = sorted(range(len(names)), key=names.__getitem__)
            return super().advance([names[i] for i in order], inputs[order])


# Those that go on come first, new ones behind them, and neither outputs nor states are put back.
class OldOnesFirst(StatesMixedByOrder):
    class StreamServer(_Base):
        def advance(self, names, inputs):
            old = [self.states[name] for name in names if name in self.states]
            new = [self.zeros() for name in names if name not in self.states]
            outputs, after = self.run([*old, *new], inputs)
            self.states.update(zip(names, after, strict=True))
            return outputs


class CellStateNotKept:
    """Of an LSTM's state, h goes on and c doesn't.

    The state of an LSTM is a pair, and c is the longer memory of the two. With h alone, each step of a session begins
    with a c of zeros, as if almost all had been forgotten. An RNN and a GRU have no c, and are right.
    """

    hint = "Step one session three times, with an LSTM, and print the h and c that the third step starts from."

    class StreamServer(_Base):
        def advance(self, names, inputs):
            zeros = self.zeros()
            before = [(self.states.get(name, zeros)[0], *zeros[1:]) for name in names]
            outputs, after = self.run(before, inputs)
            self.states.update(zip(names, after, strict=True))
            return outputs


class GraphsKept:
    """The states keep their graphs.

    Nothing is ever backpropagated here, and still each state hangs on the step that made it,
    and through that on every step of the session before. Memory grows with every step, until
    a long session brings the server down.
    """

    hint = "Print grad_fn of a state you keep: what does it hold on to?"

    class StreamServer(_Base):
        def step(self, session_ids, inputs):
            self.check(session_ids, inputs)
            return self.advance(session_ids, inputs)


# Only h of an LSTM is cut.
class OnlyHCut(GraphsKept):
    class StreamServer(_Base):
        def step(self, session_ids, inputs):
            self.check(session_ids, inputs)
            outputs = self.advance(session_ids, inputs)
            for name in session_ids:
                h, *c = self.states[name]
                self.states[name] = (h.detach() if c else h, *c)
            return outputs


# The outputs are cut, the states are not.
class OnlyOutputsCut(GraphsKept):
    class StreamServer(_Base):
        def step(self, session_ids, inputs):
            self.check(session_ids, inputs)
            return self.advance(session_ids, inputs).detach()


class EndedSessionsKept:
    """A session that has ended is still there.

    `end` strikes the session off a list, but its state stays. When the name comes again,
    the new session goes on from the old one's memory; and until then, the memory of all
    that ever ended is held.
    """

    hint = "End a session and begin one of the same name: where does it start, and what is still stored?"

    class StreamServer(_Base):
        def __init__(self, rnn):
            super().__init__(rnn)
            self.live = set()

        def advance(self, names, inputs):
            self.live.update(names)
            return super().advance(names, inputs)

        def end(self, session_id):
            self.live.remove(session_id)

        def export(self):
            return {name: state for name, state in super().export().items() if name in self.live}

        @classmethod
        def restore(cls, rnn, exported):
            server = super().restore(rnn, exported)
            server.live = set(exported)
            return server


# The state is set to zero, but the session is still known.
class EndedSessionsZeroed(EndedSessionsKept):
    class StreamServer(_Base):
        def end(self, session_id):
            self.states[session_id] = tuple(torch.zeros_like(part) for part in self.states[session_id])


# It is still known and still has its state: only its name is looked up.
class NothingDoneAtEnd(EndedSessionsKept):
    class StreamServer(_Base):
        def end(self, session_id):
            self.states[session_id]


# Only h is forgotten; c waits for the next session of that name.
class CellStateKept(EndedSessionsKept):
    class StreamServer(_Base):
        def __init__(self, rnn):
            super().__init__(rnn)
            self.cells = {}

        def advance(self, names, inputs):
            for name in names:
                if name not in self.states and name in self.cells:
                    self.states[name] = (self.zeros()[0], self.cells[name])
            outputs = super().advance(names, inputs)
            self.cells.update((name, self.states[name][1]) for name in names if len(self.states[name]) == 2)
            return outputs


class ExportAliasesState:
    """The export shares its memory with the running server.

    A new dict is not a new state: the tensors in it are the ones the server works with. Who
    writes into the export changes the sessions, and where the server updates its state in
    place, the export changes with every step and is no picture of one moment.
    """

    hint = "Fill every tensor of an export with NaN, then call step: is the server still well?"

    class StreamServer(_Base):
        def export(self):
            return {name: list(state) for name, state in self.states.items()}


# What is handed out is the server's own dict.
class ExportIsTheState(ExportAliasesState):
    class StreamServer(_Base):
        def export(self):
            return self.states


# The dict is copied, and what is in it is not.
class ExportDictCopied(ExportAliasesState):
    class StreamServer(_Base):
        def export(self):
            return dict(self.states)


# detach makes a new tensor on the old memory.
class ExportDetached(ExportAliasesState):
    class StreamServer(_Base):
        def export(self):
            return {name: [part.detach() for part in state] for name, state in self.states.items()}


# The states are updated in place, so that the export also follows every step.
class ExportFollowsSteps(ExportAliasesState):
    class StreamServer(ExportAliasesState.StreamServer):
        def advance(self, names, inputs):
            states = [self.states.setdefault(name, self.zeros()) for name in names]
            outputs, after = self.run(states, inputs)
            for old, new in zip(states, after, strict=True):
                for part, value in zip(old, new, strict=True):
                    part.copy_(value)
            return outputs


class ExportWithoutCellState:
    """The export holds h, and not c.

    A session of an LSTM goes on from two tensors, and only one of them is in the export, or only one is taken out of
    it. The restored server fails at the next step, or it goes on from a c of zeros, a little differently. The server
    that was exported is right.
    """

    hint = "Take an LSTM, two steps, an export and a restored server: what are the h and c of both servers now?"

    class StreamServer(_Base):
        @classmethod
        def restore(cls, rnn, exported):
            server = super().restore(rnn, exported)
            zeros = server.zeros()
            server.states = {name: (state[0], *zeros[1:]) for name, state in server.states.items()}
            return server


# The state of a restored session is h alone, which the module refuses.
class ExportOfHAlone(ExportWithoutCellState):
    class StreamServer(_Base):
        def run(self, before, inputs):
            if all(len(state) == len(before[0]) for state in before):
                return super().run(before, inputs)
            return super().run([state[:1] for state in before], inputs)

        def export(self):
            return {name: [state[0].clone()] for name, state in self.states.items()}


class ExportRounded:
    """An export has fewer digits than the state.

    You hand the state out in another precision than that of the module. In float32 nobody notices; a module in
    float64 has states in float64, and what a restored server goes on from is no longer quite what the old one had.
    Whatever small thing was lost, the network goes on computing with it.
    """

    hint = "Make a server around a module in float64, and print the dtype of every tensor in its export."

    class StreamServer(_Base):
        def export(self):
            return {name: [part.float() for part in state] for name, state in super().export().items()}

        @classmethod
        def restore(cls, rnn, exported):
            like = rnn.weight_ih_l0
            return super().restore(rnn, {name: [part.to(like) for part in state] for name, state in exported.items()})


# What comes back is not put into the module's dtype either.
class ExportRoundedAndLeft(ExportRounded):
    class StreamServer(_Base):
        def export(self):
            return {name: [part.float() for part in state] for name, state in super().export().items()}


class PartialChangeBeforeError:
    """A refused call has changed something.

    You begin sessions, or move some of them on, before you know that the whole call is
    right. When it is then refused, the caller believes that nothing has happened; but there
    are sessions that never got an input, and others that are one step ahead.
    """

    hint = "Which lines of step can raise, and what has already been stored when they do?"

    class StreamServer(_Base):
        def step(self, session_ids, inputs):
            for name in session_ids:
                self.states.setdefault(name, self.zeros())
            return super().step(session_ids, inputs)


# Session after session moves on, until one turns out to be named twice.
class StepsUntilTheError(PartialChangeBeforeError):
    class StreamServer(_Base):
        @torch.no_grad()
        def step(self, session_ids, inputs):
            self.check_shape(session_ids, inputs)
            outputs, seen = [], set()
            for name, row in zip(session_ids, inputs, strict=True):
                if name in seen:
                    raise ValueError(f"{name!r} is named twice")
                seen.add(name)
                outputs.append(self.advance([name], row.unsqueeze(0)))
            return torch.cat(outputs)


# Only the names are looked at first; the sessions have begun when the shape is refused.
class BegunBeforeShapeIsChecked(PartialChangeBeforeError):
    class StreamServer(_Base):
        def check_shape(self, names, inputs):
            for name in names:
                self.states.setdefault(name, self.zeros())
            super().check_shape(names, inputs)


# All move on, and then it turns out that one was named twice.
class CheckedAfterwards(PartialChangeBeforeError):
    class StreamServer(_Base):
        @torch.no_grad()
        def step(self, session_ids, inputs):
            self.check_shape(session_ids, inputs)
            outputs = self.advance(session_ids, inputs)
            self.check(session_ids, inputs)
            return outputs


class UnknownEndAccepted:
    """The end of an unknown session is not refused.

    `pop` with a default is content with any name. Whoever mistypes one believes that the session
    has ended, while it lives on and nobody will ever end it; a `KeyError` would have told.
    """

    hint = "End a session that never began: which line of yours raises?"

    class StreamServer(_Base):
        def end(self, session_id):
            self.states.pop(session_id, None)


class SessionsSharedByServers:
    """All servers have the same sessions.

    The dict stands in the class, not in `__init__`: it is made once, and every server that is
    ever made, a restored one too, reads and writes that one. A server must begin without sessions.
    """

    hint = "Make two servers, step one of them, and look at what the other holds."

    class StreamServer(_Base):
        states = {}  # noqa: RUF012  (the mistake itself)

        def __init__(self, rnn):
            self.rnn = rnn

        @classmethod
        def restore(cls, rnn, exported):
            server = cls(rnn)
            for name, state in exported.items():
                server.states[name] = tuple(part.clone() for part in state)
            return server


class OneStateForAll:
    """All sessions share one state.

    There is a single state, and every session goes on from it and leaves it to the next.
    With one user it is right; with two, each reads what the other has said.
    """

    hint = "How many states does the server hold when three sessions are live?"

    class StreamServer(_Base):
        def advance(self, names, inputs):
            state = next(iter(self.states.values()), self.zeros())
            outputs, after = self.run([state] * len(names), inputs)
            self.states.update(dict.fromkeys([*self.states, *names], after[-1]))
            return outputs


# The rows of one call go through it one after the other.
class OneStateRowByRow(OneStateForAll):
    class StreamServer(_Base):
        def advance(self, names, inputs):
            outputs = [self.advance_one(name, row.unsqueeze(0)) for name, row in zip(names, inputs, strict=True)]
            return torch.cat(outputs)

        def advance_one(self, name, row):
            outputs, (state,) = self.run([next(iter(self.states.values()), self.zeros())], row)
            self.states.update(dict.fromkeys([*self.states, name], state))
            return outputs


# The mean of all new states is handed on.
class OneMeanState(OneStateForAll):
    class StreamServer(_Base):
        def advance(self, names, inputs):
            state = next(iter(self.states.values()), self.zeros())
            outputs, after = self.run([state] * len(names), inputs)
            mean = tuple(torch.stack(parts).mean(dim=0) for parts in zip(*after, strict=True))
            self.states.update(dict.fromkeys([*self.states, *names], mean))
            return outputs


class MemoryNeverGivenBack:
    """Memory only ever grows.

    The values are right, but the server never gets smaller: what it has once reserved, or
    once noted down, it keeps, though the sessions are gone. A server runs for months, and the
    largest crowd of that time, or every call, is held in memory to its end.
    """

    hint = "Let a hundred sessions begin and end: what is still allocated, and which line would free it?"

    class StreamServer(_Base):
        def __init__(self, rnn):
            super().__init__(rnn)
            self.spare = []  # memory of ended sessions, for new ones

        def advance(self, names, inputs):
            for name in names:
                if name not in self.states:
                    self.states[name] = self.spare.pop() if self.spare else self.zeros()
            states = [self.states[name] for name in names]
            outputs, after = self.run(states, inputs)
            for old, new in zip(states, after, strict=True):
                for part, value in zip(old, new, strict=True):
                    part.copy_(value)
            return outputs

        def end(self, session_id):
            state = self.states.pop(session_id)
            self.spare.append(tuple(part.zero_() for part in state))


# Every session gets a place of its own in tables that only grow.
class TablesOnlyGrow(MemoryNeverGivenBack):
    class StreamServer(_Base):
        def __init__(self, rnn):
            super().__init__(rnn)
            self.table = []

        def advance(self, names, inputs):
            outputs = super().advance(names, inputs)
            for name in names:
                if not any(entry[0] == name for entry in self.table[-len(self.states) :]):
                    self.table.append((name, self.zeros()))
            return outputs

        def end(self, session_id):
            super().end(session_id)
            self.table = [("", state) if name == session_id else (name, state) for name, state in self.table]


# All inputs of a session are kept and read again at each step.
class InputsReadAgain(MemoryNeverGivenBack):
    class StreamServer(_Base):
        def __init__(self, rnn):
            super().__init__(rnn)
            self.history = {}

        def advance(self, names, inputs):
            for name, row in zip(names, inputs, strict=True):
                self.history.setdefault(name, []).append(row.clone())
            return super().advance(names, inputs)

        def end(self, session_id):
            super().end(session_id)
            self.history.pop(session_id, None)


# Ended sessions are kept somewhere else.
class EndedSessionsArchived(MemoryNeverGivenBack):
    class StreamServer(_Base):
        def __init__(self, rnn):
            super().__init__(rnn)
            self.archive = []

        def end(self, session_id):
            self.archive.append(self.states.pop(session_id))


# Everything that was answered is kept, for a look at it later.
class AnswersKept(MemoryNeverGivenBack):
    class StreamServer(_Base):
        def __init__(self, rnn):
            super().__init__(rnn)
            self.log = []

        def advance(self, names, inputs):
            outputs = super().advance(names, inputs)
            self.log.append(outputs)
            return outputs


class QuietSessionsForgotten:
    """A session that has been quiet is forgotten.

    Only who takes part in a call, or was heard of lately, keeps a state. But a session is
    live until `end` is called, however long it says nothing; when it speaks again it must
    not find that it has become a stranger.
    """

    hint = "Which sessions are in your store after a step that doesn't name them?"

    class StreamServer(_Base):
        def advance(self, names, inputs):
            outputs = super().advance(names, inputs)
            self.states = {name: self.states[name] for name in names}
            return outputs


# Room for so many sessions: whoever was quiet for longest goes.
class OnlySoMany(QuietSessionsForgotten):
    class StreamServer(_Base):
        most = 64

        def advance(self, names, inputs):
            outputs = super().advance(names, inputs)
            for name in names:
                self.states[name] = self.states.pop(name)
            for name in list(self.states)[: max(len(self.states) - self.most, 0)]:
                del self.states[name]
            return outputs


# The same with very little room.
class OnlyTwo(QuietSessionsForgotten):
    class StreamServer(OnlySoMany.StreamServer):
        most = 2


# Whoever is quiet for so many steps goes.
class OnlySoLong(QuietSessionsForgotten):
    class StreamServer(_Base):
        longest = 100

        def __init__(self, rnn):
            super().__init__(rnn)
            self.steps, self.last = 0, {}

        def advance(self, names, inputs):
            outputs = super().advance(names, inputs)
            self.steps += 1
            self.last.update(dict.fromkeys(names, self.steps))
            for name in list(self.states):
                if self.steps - self.last.setdefault(name, self.steps) > self.longest:
                    del self.states[name]
            return outputs


# And very soon.
class OnlyVeryShort(QuietSessionsForgotten):
    class StreamServer(OnlySoLong.StreamServer):
        longest = 1


class DefaultDtype:
    """The state of a new session has the default dtype.

    You make it with `torch.zeros` alone, which gives float32 on the CPU. A module in another dtype
    refuses such a state, as does one on another device.
    """

    hint = "Try a server around a module with `dtype=torch.float64`."

    class StreamServer(_Base):
        def zeros(self):
            return tuple(torch.zeros(zeros.shape) for zeros in super().zeros())


# On the module's device.
class DefaultDtypeOnDevice(DefaultDtype):
    class StreamServer(_Base):
        def zeros(self):
            return tuple(torch.zeros(zeros.shape, device=zeros.device) for zeros in super().zeros())
