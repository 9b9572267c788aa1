"""StreamServer: many sessions at once, judged by programs of calls."""

from typing import Any

from hypothesis import strategies as st

from grader import Call, Case, Exercise, Program, RnnSpec, scripts
from grader import strategies as gs
from grader.properties import (
    ArgumentsUnchanged,
    DeviceFollows,
    Equivalence,
    EquivalentRuns,
    Isolation,
    MemoryFlat,
    MemoryReleased,
    NotShared,
    Refuses,
)

STEPS, ROUNDS, GUESTS, CROWD = 24, 12, 20, 160  # of the runs that measure memory
QUIET_STEPS, QUIET_GUESTS = 260, 1030

# What programs are made of. Calls that change nothing, or should, come before one that shows whether they did.
STORIES = (
    ("step",),
    ("step", "step"),
    ("step", "end", "step"),
    ("end", "end unknown", "step"),
    ("named twice",),
    ("wrong shape",),
    ("step", "named twice", "step"),
    ("step", "wrong shape", "step"),
    ("another", "step", "step"),
    ("step", "another", "step", "step"),
    ("step", "export", "step"),
    ("step", "export", "restore", "step", "step"),
    ("step", "export", "end", "step", "restore", "step"),
    ("step", "export", "end", "export", "restore", "step"),
    ("step", "export of nobody", "restore", "step"),
)
# Any string is a name; those of a family are easily taken for one another, or for something else.
FAMILIES = (
    ("a", "b", "c", "d"),
    ("0", "1", "2", "3"),
    ("a", "a ", "A", " a"),
    ("h", "c", "a.h", "a"),
    ("", "/", "a/b", "a"),
    ("1", "01", "1.0", "-1"),
    ("\u00e9", "e\u0301", "\u00c9", "\u65e5\u672c"),
    ("items", "keys", "rnn", "__class__"),
    ("state", "sessions", "states", "None"),
    ("mode", "version", "kind", "data"),
    ("a b", "a,b", "a\nb", "a"),
    ("a_b", "a.b", "a/b", "a-b"),
)
# Who strips names, say, or replaces dots in them, loses the two laws that speak of names, and no others.
TIDIED_AWAY = {"", "a ", "A", " a", "01", "1.0", "e\u0301", "\u00c9", "a\nb", "a.b", "a-b"}

# What must be refused, as the drive calls it.
REFUSED = (
    "a step with a session named twice",
    "a step with inputs of a wrong shape",
    "end of a session that never began",
    "end of a session that has ended",
    "end of a session that was named in refused steps only",
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A module, the names of sessions, and a program of calls on one or more servers."""
    rnn = draw(gs.rnn_specs(bidirectional=False, max_layers=2, variations=True))
    names = draw(st.sampled_from(FAMILIES))[: draw(gs.batch_sizes(max_size=4))]
    first = draw(gs.seeds())
    count = draw(st.integers(1, 4))
    stories = draw(st.lists(st.sampled_from(STORIES), min_size=count, max_size=count))
    details = st.tuples(st.integers(0, 2), st.permutations(range(len(names))), st.integers(1, 4), st.integers(0, 9))
    calls = resolve([(kind, *draw(details)) for story in stories for kind in story], len(names), rnn.input_size)
    program = Program(seeds=tuple(first + i for i in range(len(names))), calls=tuple(calls))
    dtype = draw(st.sampled_from(["float64", "float64", "float64", "float32"]))
    return Case(parts={"rnn": rnn, "names": tuple(names), "program": program}, dtype=dtype)


def resolve(wishes: list[tuple[str, int, list[int], int, int]], names: int, features: int) -> list[Call]:
    """Makes calls of what was drawn, so that each makes sense where it stands; what can't is left out.

    A wish is the kind of a call, the server, all sessions in some order, how many of them, and a number to choose by.
    ``live`` holds the sessions that are live on each server, ``exports`` those that were when each export was taken.
    """
    live: list[set[int]] = [set()]
    exports: list[set[int]] = []
    program: list[Call] = []
    for kind, server, order, size, choice in wishes:
        on = min(server, len(live) - 1)
        sessions = order[:size]
        arguments: dict[str, Any] = {"on": on}
        match kind:
            case "step":
                arguments["sessions"] = tuple(sessions)
                live[on] |= set(sessions)
            case "end" | "end unknown":
                some = [session for session in order if (session in live[on]) == (kind == "end")]
                if not some:
                    continue
                arguments["session"] = some[0]
                live[on].discard(some[0])
            case "named twice":
                place = choice % (len(sessions) + 1)
                arguments["sessions"] = (*sessions[:place], sessions[choice % len(sessions)], *sessions[place:])
            case "wrong shape":
                arguments |= {"sessions": tuple(sessions), "shape": wrong_shape(len(sessions), features, choice)}
            case "another":
                if len(live) > 2:
                    continue
                arguments = {}
                live.append(set())
            case "export" | "export of nobody":
                if kind != "export":  # by a server that has only just been made
                    if len(live) > 2:
                        continue
                    program.append(Call(name="another", arguments={}))
                    live.append(set())
                    kind, arguments["on"] = "export", len(live) - 1
                exports.append(set(live[arguments["on"]]))
            case "restore":
                if not exports or len(live) > 3:
                    continue
                taken = choice % len(exports)
                saved, module = size > 1, "copy" if choice > 4 else "same"
                # an export before anything else is done with the restored server changes nothing
                arguments = {"export": taken, "saved": saved, "rnn": module, "then exported": choice % 3 == 2}
                live.append(set(exports[taken]))
        program.append(Call(name=kind, arguments=arguments))
    return program


def wrong_shape(batch: int, features: int, choice: int) -> tuple[int, ...]:
    """A shape that isn't ``(batch, features)``."""
    shapes = [
        (batch, features + 1),
        (batch + 1, features),
        (batch, features - 1),
        (1, batch, features),
        (batch - 1, features) if batch > 1 else (features,),
        (1, features) if batch > 1 else (batch + 2, features),
        (features, batch) if features != batch else (batch, 1),
        (batch, 1),
        (batch, features, 1),
        (batch * features,),
    ]
    return shapes[choice]


def trivial(case: Case) -> bool:
    """A program in which no session is ever gone on with shows nothing of a server, nor do outputs of zeros."""
    if case["rnn"].nonlinearity == "relu":
        return True
    live: list[set[int]] = [set()]
    exports: list[set[int]] = []
    for call in case["program"].calls:
        arguments = call.arguments
        match call.name:
            case "step":
                if live[arguments["on"]] & set(arguments["sessions"]):
                    return False
                live[arguments["on"]] |= set(arguments["sessions"])
            case "end":
                live[arguments["on"]].discard(arguments["session"])
            case "another":
                live.append(set())
            case "export":
                exports.append(set(live[arguments["on"]]))
            case "restore":
                live.append(set(exports[arguments["export"]]))
    return True


def as_it_is(case: Case) -> Case:
    """The program itself, in which some calls must be refused."""
    return case


def plain_names(case: Case) -> bool:
    """Programs whose names stay apart however they are tidied."""
    return not TIDIED_AWAY & set(case["names"])


def with_restore(case: Case) -> Case | None:
    """Programs in which something is restored."""
    return case if any(call.name == "restore" for call in case["program"].calls) else None


def any_device(case: Case) -> bool:
    """Programs that run on ``meta``: an export need not, since there is nothing to copy."""
    calls = {call.name for call in case["program"].calls}
    return plain_names(case) and "step" in calls and not calls & {"export", "restore"}


def _call(kind: str, **arguments: Any) -> Call:
    return Call(name=kind, arguments=arguments)


def _made(case: Case, rnn: RnnSpec, names: int, calls: list[Call]) -> Case:
    program = Program(seeds=tuple(range(names)), calls=tuple(calls))
    return case.with_parts(rnn=rnn, names=tuple("abcdefgh"[:names]), program=program)


def many_steps(case: Case) -> Case:
    """Many steps of the same sessions, in changing order, so large that keeping anything of one shows."""
    rnn = RnnSpec(kind="LSTM", input_size=32, hidden_size=24, num_layers=2, seed=case["rnn"].seed)
    orders = [tuple((i * 3 + number) % 8 for i in range(8)) for number in range(STEPS)]
    return _made(case, rnn, 8, [_call("step", on=0, sessions=order) for order in orders])


def many_sessions(case: Case) -> Case:
    """Rounds in which sessions begin beside two that stay, and end again; in the last round they are very many.

    Those that stay do not step with the crowd: a view of a batch keeps the memory of all of it until its session steps
    again, and that is no fault. A larger batch makes libraries keep more working memory, once; so a server that is
    dropped sees one first.
    """
    rnn = RnnSpec(kind="LSTM", input_size=3, hidden_size=64, num_layers=2, seed=case["rnn"].seed)
    # with those that stay, too: who runs all sessions in each step meets that many
    calls = [_call("warm up", count=count) for count in (CROWD, CROWD + 2)]
    calls += [*[_call("step", on=0, sessions=(0, 1))] * 2, _call("empty")]
    for number in range(ROUNDS):
        crowd = len(calls)
        calls += [
            _call("crowd", on=0, count=CROWD if number == ROUNDS - 1 else GUESTS),
            _call("step", on=0, sessions=(0,)),
            _call("full"),
            _call("restored and dropped", on=0),
            _call("step", on=0, sessions=(0,)),
            _call("leave", on=0, of=crowd),
            _call("empty"),
        ]
    return _made(case, rnn, 2, calls)


def long_quiet(case: Case) -> Case:
    """Sessions are quiet while very many others come and one goes on for long; then they go on."""
    rnn = RnnSpec(kind="RNN", input_size=2, hidden_size=3, seed=case["rnn"].seed)
    calls = [
        _call("step", on=0, sessions=(0, 1)),
        _call("crowd", on=0, count=20),
        _call("crowd", on=0, count=QUIET_GUESTS),
        _call("many steps", on=0, sessions=(0,), count=QUIET_STEPS),
        _call("some of the crowd", on=0, of=1, guests=(19, 0, 7)),
        _call("some of the crowd", on=0, of=2, guests=(0, QUIET_GUESTS - 1, QUIET_GUESTS // 2)),
        _call("step", on=0, sessions=(1, 0)),
    ]
    return _made(case, rnn, 2, calls).with_options(light=True)


def script(case: Case) -> str:
    """The case as a person would try it."""
    rnn, program, names, dtype = case["rnn"], case["program"], case["names"], case.dtype
    lines = [*scripts.rnn(rnn, dtype), "server = StreamServer(rnn)"]
    servers = ["server"]
    exports = 0
    for number, call in enumerate(program.calls):
        arguments = call.arguments
        name = servers[arguments["on"]] if "on" in arguments else ""
        ids = [names[i] for i in arguments.get("sessions", ())]
        match call.name:
            case "step":
                needs = ".requires_grad_()" if number % 3 == 2 else ""
                lines.append(f"print({name}.step({ids!r}, {_rows(case, call, number)}{needs}))")
            case "many steps":
                x = _rows(case, call, number)
                lines += [f"for _ in range({arguments['count']}):", f"    {name}.step({ids!r}, {x})"]
            case "named twice":
                lines += _refused(f"{name}.step({ids!r}, {_rows(case, call, number)})", "ValueError")
            case "wrong shape":
                x = f"torch.ones({arguments['shape']}, dtype=torch.{dtype})"
                lines += _refused(f"{name}.step({ids!r}, {x})", "ValueError")
            case "end":
                lines.append(f"{name}.end({names[arguments['session']]!r})")
            case "end unknown":
                lines += _refused(f"{name}.end({names[arguments['session']]!r})", "KeyError")
            case "another":
                servers.append(f"server_{len(servers)}")
                lines.append(f"{servers[-1]} = StreamServer(rnn)")
            case "export":
                lines += [f"exported_{exports} = {name}.export()", f"print(exported_{exports})"]
                exports += 1
            case "restore":
                servers.append(f"server_{len(servers)}")
                lines += _restored(servers[-1], f"exported_{arguments['export']}", case, call)
            case "crowd":
                x = _crowd(case, arguments["count"], number)
                lines.append(f'crowd_{number} = [f"guest {number}.{{i}}" for i in range({arguments["count"]})]')
                lines.append(f"{name}.step(crowd_{number}, {x})")
            case "some of the crowd":
                some = f"[crowd_{arguments['of']}[i] for i in {list(arguments['guests'])}]"
                lines.append(f"print({name}.step({some}, {_crowd(case, len(arguments['guests']), number)}))")
            case "leave":
                lines += [f"for guest in crowd_{arguments['of']}:", f"    {name}.end(guest)"]
            case "restored and dropped":
                lines.append(f"StreamServer.restore(rnn, {name}.export())")
            case "warm up":
                x = f"torch.zeros({arguments['count']}, {rnn.input_size}, dtype=torch.{dtype})"
                lines.append(f"StreamServer(rnn).step([str(i) for i in range({arguments['count']})], {x})")
            case "full" | "empty":
                lines.append(f"# memory is read here: {call.name}")
    if not case.options:
        lines += [
            f"for name in {[*names, *names, 'nobody']}:  # whatever is live ends, and is unknown the second time",
            "    try:",
            "        server.end(name)",
            '        print("ended:", repr(name))',
            "    except KeyError:",
            '        print("unknown:", repr(name))',
        ]
    if exports and not case.options:
        lines += _written_into(case)
    return "\n".join(lines)


def _rows(case: Case, call: Call, number: int) -> str:
    program, features = case["program"], case["rnn"].input_size
    rows = [scripts.one_sequence(program, i, (features,), case.dtype, number) for i in call.arguments["sessions"]]
    return f"torch.stack([{', '.join(rows)}])"


def _crowd(case: Case, count: int, number: int) -> str:
    return scripts.one_sequence(case["program"], 0, (count, case["rnn"].input_size), case.dtype, number)


def _restored(name: str, exported: str, case: Case, call: Call) -> list[str]:
    lines: list[str] = []
    if call.arguments["saved"]:
        lines += ["import io", "file = io.BytesIO()", f"torch.save({exported}, file)", "file.seek(0)"]
        lines.append(f"{exported} = torch.load(file, weights_only=True)")
    if call.arguments["rnn"] == "copy":
        lines += scripts.rnn(case["rnn"], case.dtype)
    lines.append(f"{name} = StreamServer.restore(rnn, {exported})")
    return [*lines, f"{name}.export()"] if call.arguments["then exported"] else lines


def _written_into(case: Case) -> list[str]:
    x = f"torch.ones({len(case['names'])}, {case['rnn'].input_size}, dtype=torch.{case.dtype})"
    return [
        f"x = {x}",
        f"server.step({list(case['names'])!r}, x)",
        "first = server.export()",
        'print("an export:", first)',
        f"server.step({list(case['names'])!r}, x)",
        'print("must be the same after a step:", first)',
        "second = server.export()",
        'print("another export:", second)',
        "def spoil(value):",
        "    if isinstance(value, torch.Tensor):",
        "        value.untyped_storage().fill_(255)",
        "    elif isinstance(value, dict | list | tuple):",
        "        for item in list(value.values()) if isinstance(value, dict) else value:",
        "            spoil(item)",
        "        if not isinstance(value, tuple):",
        "            value.clear()",
        "spoil(second)",
        'print("must be the same after writing into that:", server.export())',
    ]


def _refused(call: str, expected: str) -> list[str]:
    return [
        "try:",
        f"    {call}",
        f"except {expected} as error:",
        '    print("refused:", repr(error))',
        "else:",
        '    print("NOT REFUSED")',
    ]


exercise = Exercise(
    title="Many sessions at once",
    level="expert",
    entry_points={"StreamServer": "StreamServer(rnn)"},
    cases=cases(),
    axes={
        "outputs": ("session", "feature"),
        "outputs of a restored server": ("session", "feature"),
        "outputs, looked at again": ("session", "feature"),
        "inputs": ("session", "feature"),
        "sessions": ("sequence", "call", "feature"),
    },
    properties=(
        Equivalence(
            name="each session goes on where it was, as if alone",
            points=1,
            of=("outputs", "end of a live session"),
        ),
        Isolation(name="sessions are isolated", points=1, cases=8, of=("sessions",), permute=False, suits=plain_names),
        EquivalentRuns(name="quiet sessions are kept", points=1, cases=1, of=("outputs",), run=long_quiet),
        MemoryFlat(
            name="steps keep nothing",
            points=1,
            cases=1,
            at="step",
            unit="step",
            longer=many_steps,
            allowed_objects=8,  # right ones have had 4 more than the reference
        ),
        MemoryReleased(
            name="memory falls when sessions end",
            points=1,
            cases=1,
            full="full",
            empty="empty",
            unit="round of sessions",
            rounds=many_sessions,
            # States may be lists of floats, which the heap doesn't show: then all that rises and doesn't fall are the
            # tables of a dict or two. What guests of one round hold is more.
            allowed=8_000,
        ),
        Refuses(name="wrong calls are refused", points=1, of=REFUSED, wrong=as_it_is, suits=plain_names),
        EquivalentRuns(
            name="a restored server goes on exactly",
            points=1,
            of=(
                "what export returns",
                "torch.load(weights_only=True)",
                "what restore gives",
                "outputs of a restored server",
                "end of a live session of a restored server",
            ),
            run=with_restore,
        ),
        NotShared(
            name="an export is a copy",
            points=1,
            of={
                "export": "the server's state, by further steps",
                "export, after writing into an earlier one": "an earlier export",
            },
            suits=plain_names,
        ),
        DeviceFollows(
            name="device and dtype of the module",
            points=1,
            cases=3,
            of=("outputs",),
            suits=any_device,
            dtypes=("float64",),
        ),
        ArgumentsUnchanged(
            name="arguments and results left alone",
            points=1,
            of=("session_ids", "inputs", "what restore is given", "outputs, looked at again", "rnn"),
            suits=plain_names,
        ),
    ),
    script=script,
    trivial=trivial,
    heavy=True,
)
