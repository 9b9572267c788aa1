"""Runs a program of calls on ``StreamServer`` and looks at what each returns, refuses and leaves alone."""

import io

import torch

from grader.cases import NUMBER_STEP
from grader.execution.materials import (
    Refused,
    attempt,
    build_batch,
    build_rnn,
    copied,
    draw,
    like_a_real_device,
    module_contents,
    observe_pair,
    plain,
    tensors_in,
)

clear_safe_globals = torch.serialization.clear_safe_globals  # what is called safe there, nobody asks about
REFUSED_STEPS = {
    "named twice": "a step with a session named twice",
    "wrong shape": "a step with inputs of a wrong shape",
}


def drive(submission, case, observe):
    torch.set_grad_enabled(True)
    if "measure" in case.options:
        Measured(submission, case, observe).all_calls()
    else:
        Run(submission, case, observe).all_calls()


class Server:
    """One server under test, the sessions that should be live on it, and what its observations are called."""

    def __init__(self, server, live, of=""):
        self.server = server
        self.live = live
        self.ended, self.refused = set(), set()  # sessions; the latter were named in refused steps
        self.of = of
        self.failed = server is None


class Run:
    """The execution of one program."""

    def __init__(self, submission, case, observe):
        self.StreamServer, self.case, self.observe = submission.StreamServer, case, observe
        self.light = "light" in case.options or case.device == "meta"
        self.program, self.names = case["program"], case["names"]
        self.rnn = build_rnn(case["rnn"], case)
        self.rnn_before = contents(self.rnn)
        self.list_of_the_caller = []  # one for all steps
        self.steps = 0
        self.servers = [Server(self.StreamServer(self.rnn), set())]
        self.exports = []  # of each: what was returned, a copy of it, and the sessions in it
        self.held = []  # what the caller holds and nobody may change: what it is, a copy, and itself
        self.rows, self.by_session = [], [[] for _ in self.names]
        self.guests = {}

    def all_calls(self):
        for number, call in enumerate(self.program.calls):
            server = self.servers[call.arguments["on"]] if "on" in call.arguments else None
            if server is None or not server.failed:
                self.call(call.name, server, number, call.arguments)
            else:
                self.left_out(call.name)
        self.close()

    def call(self, kind, server, number, arguments):
        match kind:
            case "step":
                x = self.inputs(number, arguments).requires_grad_(number % 3 == 2)  # as what an embedding returns does
                self.step(server, [self.names[i] for i in arguments["sessions"]], x)
                for i, row in zip(arguments["sessions"], self.rows, strict=False):
                    self.by_session[i].append(row)
            case "end":
                self.end(server, self.names[arguments["session"]])
            case "end unknown":
                self.must_be_unknown(server, self.names[arguments["session"]])
            case "named twice":
                names, x = [self.names[i] for i in arguments["sessions"]], self.inputs(number, arguments)
                self.must_be_refused(kind, server, names, x)
            case "wrong shape":
                names = [self.names[i] for i in arguments["sessions"]]
                x = torch.ones(arguments["shape"], dtype=self.rnn.weight_ih_l0.dtype, device=self.case.device)
                self.must_be_refused(kind, server, names, x)
            case "another":
                self.servers.append(Server(self.StreamServer(self.rnn), set()))
            case "export":
                self.export(server)
            case "restore":
                self.restore(arguments)
            case "crowd":
                self.guests[number] = [f"guest {number}.{i}" for i in range(arguments["count"])]
                self.step(server, self.guests[number], self.crowd(number, arguments["count"]))
            case "some of the crowd":
                names = [self.guests[arguments["of"]][i] for i in arguments["guests"]]
                self.step(server, names, self.crowd(number, len(names)))
            case "many steps":
                x = self.inputs(number, arguments)
                for _ in range(arguments["count"]):
                    server.server.step([self.names[i] for i in arguments["sessions"]], x.clone())

    def left_out(self, kind):
        """A call of a restored server that has failed: that costs the law of restored servers, and no others."""
        if kind == "export":
            self.exports.append((None, set()))
        elif kind in REFUSED_STEPS:
            self.observe(**{REFUSED_STEPS[kind]: Refused(ValueError(), ValueError)})

    def inputs(self, number, arguments):
        """A row for each named session: the numbers belong to the session, wherever it stands."""
        rows = build_batch(self.program, self.case["rnn"].input_size, case=self.case, number=number, dim=0)
        return rows[list(arguments["sessions"])]

    def crowd(self, number, count):
        return draw(self.program.seeds[0] + NUMBER_STEP * number, count, self.case["rnn"].input_size, case=self.case)

    def step(self, server, names, x):
        names_before, x_before = list(names), copied(x)
        names = self.list_of_the_caller
        names[:] = names_before
        try:
            with like_a_real_device(self.case):
                outputs = plain(server.server.step(names, x))
        except Exception as error:
            if not server.of:
                raise
            self.observe(**{f"outputs{server.of}": described(error)})
            server.failed, self.rows = True, []
            return
        self.observe(**{f"outputs{server.of}": outputs})
        server.live.update(names_before)
        server.ended.difference_update(names_before)
        self.rows = [row.detach().clone() for row in outputs]
        if self.light:
            return
        observe_pair(self.observe, "session_ids", names_before, names)
        observe_pair(self.observe, "inputs", x_before, x)
        names.clear()  # both are the caller's to use again
        with torch.no_grad():
            x.fill_(float("nan"))
        self.steps += 1
        if self.steps % 2:
            self.held.append(("outputs, looked at again", copied(outputs), outputs))
            return
        with torch.inference_mode():  # they are the caller's, too
            for tensor in tensors_in(outputs):
                tensor.fill_(float("nan"))

    def end(self, server, name):
        try:
            server.server.end(name)
            outcome = "forgets it"
        except Exception as error:
            outcome = described(error)
        self.observe(**{f"end of a live session{server.of}": outcome})
        server.live.discard(name)
        server.ended.add(name)

    def must_be_refused(self, kind, server, names, x):
        server.refused.update(names)
        self.observe(**{REFUSED_STEPS[kind]: attempt(lambda: server.server.step(names, x), refused_with=ValueError)})

    def must_be_unknown(self, server, name):
        why = "was named in refused steps only" if name in server.refused else "never began"
        what = f"end of a session that {'has ended' if name in server.ended else why}"
        self.observe(**{what: attempt(lambda: server.server.end(name), refused_with=KeyError)})

    def export(self, server):
        """Takes an export; one that fails is a fault of its own, and the rest of the program goes on."""
        exported = None
        try:
            exported = plain(server.server.export())
            outcome = "a dict" if isinstance(exported, dict) else f"a {type(exported).__name__}"
        except Exception as error:
            outcome = described(error)
        self.observe(**{"what export returns": outcome})
        kept = copied(exported)
        self.exports.append((kept, set(server.live)))
        self.held.append(("export", kept, exported))

    def restore(self, arguments):
        kept, live = self.exports[arguments["export"]]
        restored = Server(None, set(live), " of a restored server")
        self.servers.append(restored)
        if kept is None:
            self.held.append(("what restore is given", None, None))
            return
        given = self.saved_and_loaded(kept) if arguments["saved"] and not self.light else copied(kept)
        rnn = build_rnn(self.case["rnn"], self.case) if arguments["rnn"] == "copy" else self.rnn
        self.held.append(("what restore is given", copied(given), given))
        try:
            restored.server = self.StreamServer.restore(rnn, given)
            if arguments["then exported"]:
                restored.server.export()
            restored.failed = False
            outcome = "a server"
        except Exception as error:
            outcome = described(error)
        self.observe(**{"what restore gives": outcome})

    def saved_and_loaded(self, exported):
        file = io.BytesIO()
        loaded = None
        try:
            torch.save(exported, file)
            file.seek(0)
            clear_safe_globals()
            loaded = torch.load(file, weights_only=True)
            outcome = "reads the export back"
        except Exception as error:
            outcome = described(error)
        self.observe(**{"torch.load(weights_only=True)": outcome})
        return copied(exported) if loaded is None else loaded

    def close(self):
        """Looks once more at all that calls returned or were given, then at what is live."""
        self.observe(sessions=[torch.stack(rows) if rows else None for rows in self.by_session])
        if self.light:
            return
        self.observe(rnn=self.rnn_before)
        self.observe(rnn=contents(self.rnn))
        for what, before, now in self.held:
            observe_pair(self.observe, what, before, copied(now))  # a copy hangs on no graph: only values are compared
        for server in self.servers:
            if server.failed:
                continue
            for name in sorted(server.live & set(self.names)):
                self.end(server, name)
            for name in (*self.names, "nobody"):
                self.must_be_unknown(server, name)
        if self.exports:
            self.write_into_exports(self.servers[0])

    def write_into_exports(self, server):
        """All names begin anew; then the server goes on and must leave an export alone, and the other way round."""
        number = len(self.program.calls)
        everybody = {"sessions": tuple(range(len(self.names)))}
        self.step(server, list(self.names), self.inputs(number, everybody))
        try:
            first = plain(server.server.export())
            before = copied(first)
            self.step(server, list(self.names), self.inputs(number + 1, everybody))
            observe_pair(self.observe, "export", before, copied(first))
            second = plain(server.server.export())
            before = copied(second)
            spoil(second)
            observe_pair(
                self.observe, "export, after writing into an earlier one", before, copied(plain(server.server.export()))
            )
        except Exception as error:
            self.observe(**{"what export returns": described(error)})


class Measured(Run):
    """A run in which memory is read: nothing is kept but what the server keeps."""

    def call(self, kind, server, number, arguments):
        match kind:
            case "full" | "empty":
                self.observe(**{kind: None})
            case "warm up":
                self.warm_up([str(i) for i in range(arguments["count"])], number)
            case "leave":
                for name in self.guests.pop(arguments["of"]):
                    server.server.end(name)
            case "restored and dropped":
                self.StreamServer.restore(self.rnn, server.server.export())
            case _:
                super().call(kind, server, number, arguments)

    def warm_up(self, names, number):
        """The whole life of a server of its own, so that libraries take what they take once for so large a batch."""
        server = self.StreamServer(self.rnn)
        for _ in range(2):
            server.step(list(names), self.crowd(number, len(names)))
        self.StreamServer.restore(self.rnn, server.export())
        for name in names:
            server.end(name)

    def step(self, server, names, x):
        self.observe(step=server.server.step(names, x))

    def close(self):
        pass


def contents(rnn):
    """What a server must leave as it is: parameters, what hangs on them, and whether gradients are on."""
    found = module_contents(rnn)
    names = ("parameters", "gradients", "without gradient", "saved")
    return {name: found[name] for name in names} | {
        "parameters that require a gradient": [name for name, each in rnn.named_parameters() if each.requires_grad],
        "gradients are on": torch.is_grad_enabled(),
    }


def spoil(value):
    """Writes into all the memory of every tensor of a structure, views or not, and empties its containers."""
    for tensor in tensors_in(value):
        tensor.untyped_storage().fill_(255)  # NaN, in any floating dtype
    empty(value)


def empty(value):
    items = list(value.values()) if isinstance(value, dict) else value
    if isinstance(items, list | tuple):
        for item in items:
            empty(item)
    if isinstance(value, dict | list):
        value.clear()


def described(error):
    text = " ".join(str(error).split())
    return f"raises {type(error).__name__}: {text[:150]}"
